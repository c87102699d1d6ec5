// gru_kernel.h for one instruction set.
#include "optim/match/gru_kernel.h"

#include "dsp/dynamics/gru_activation.h"

namespace raphson::optim::match {
namespace {

constexpr dsp::Isa isa = dsp::Isa::RAPHSON_ISA;
constexpr int inputs = dsp::GruWeights::inputs;
constexpr int most_units = dsp::GruWeights::maximum_units;

template <class T> struct Pass {
  using V = dsp::Lanes<T, gru_lanes, isa>;

  const GruBatch<T>& batch;
  const int units;
  const std::size_t row; ///< values of T in the units of all lanes
  const T *input, *recurrent, *input_bias, *recurrent_bias, *readout;
  const T readout_bias;

  explicit Pass(const GruBatch<T>& b)
      : batch(b), units(b.units), row(static_cast<std::size_t>(units) * gru_lanes), input(b.weights),
        recurrent(b.weights + layout().recurrent), input_bias(b.weights + layout().input_bias),
        recurrent_bias(b.weights + layout().recurrent_bias), readout(b.weights + layout().readout),
        readout_bias(b.weights[layout().readout_bias]) {}

  dsp::GruWeights::Layout layout() const { return dsp::GruWeights::layout(batch.units); }
  const T* features(std::size_t t) const { return batch.features + t * inputs * gru_lanes; }
  static RAPHSON_INLINE V at(const T* p, int u) { return V::load(p + u * gru_lanes); }

  /// What a step computes on its way, [unit][lane] each; q = W_hn h + b_hn.
  struct Gates {
    T *r, *z, *n, *q;
  };

  /// The new state of the units u to u + count from all of the old.
  template <int count> RAPHSON_INLINE void update(int u, const T* h, const T* x, T* next, Gates out) const {
    V a[3][count], q[count];
    for (int k = 0; k < count; ++k) {
      for (int g = 0; g < 3; ++g) {
        const int i = g * units + u + k;
        a[g][k] = V(input_bias[i]);
        for (int f = 0; f < inputs; ++f) a[g][k] += V(input[i * inputs + f]) * at(x, f);
        if (g < 2) a[g][k] += V(recurrent_bias[i]);
      }
      q[k] = V(recurrent_bias[2 * units + u + k]);
    }
    for (int j = 0; j < units; ++j) {
      const V from = at(h, j);
      for (int k = 0; k < count; ++k) {
        const T* const w = recurrent + (u + k) * units + j;
        a[0][k] += V(w[0]) * from;
        a[1][k] += V(w[units * units]) * from;
        q[k] += V(w[2 * units * units]) * from;
      }
    }
    for (int k = 0; k < count; ++k) {
      const V r = dsp::gru::sigmoid(a[0][k]), z = dsp::gru::sigmoid(a[1][k]);
      const V n = dsp::gru::tanh(a[2][k] + r * q[k]);
      (n + z * (at(h, u + k) - n)).store(next + (u + k) * gru_lanes);
      if (out.r == nullptr) continue;
      r.store(out.r + (u + k) * gru_lanes);
      z.store(out.z + (u + k) * gru_lanes);
      n.store(out.n + (u + k) * gru_lanes);
      q[k].store(out.q + (u + k) * gru_lanes);
    }
  }

  void step(const T* h, const T* x, T* next, Gates out) const {
    int u = 0;
    for (; u + 4 <= units; u += 4) update<4>(u, h, x, next, out);
    for (; u < units; ++u) update<1>(u, h, x, next, out);
  }

  void forward() const {
    T state[2][most_units * gru_lanes] = {};
    int now = 0;
    for (std::size_t t = 0; t < batch.steps; ++t, now ^= 1) {
      if (t % gru_tile == 0) std::memcpy(batch.states + t / gru_tile * row, state[now], row * sizeof(T));
      step(state[now], features(t), state[now ^ 1], {});
      V sum(readout_bias);
      for (int u = 0; u < units; ++u) sum += V(readout[u]) * at(state[now ^ 1], u);
      sum.store(batch.output + t * gru_lanes);
    }
  }

  /// Parts of the scratch, gru_tile steps each; h has one more, the state before the first.
  struct Tile {
    T *h, *r, *z, *n, *q, *dr, *dz, *dq, *dn;
  };

  /// The errors of a step from that of its state, dh, which becomes that of the state before.
  void step_back(const Tile& tile, std::size_t i, T* dh, T* previous) const {
    const std::size_t o = i * row;
    for (int u = 0; u < units; ++u) {
      const V d = at(dh, u), r = at(tile.r + o, u), z = at(tile.z + o, u), n = at(tile.n + o, u);
      const V one(T(1)), dn = d * (one - z) * (one - n * n);
      dn.store(tile.dn + o + u * gru_lanes);
      (dn * r).store(tile.dq + o + u * gru_lanes);
      (dn * at(tile.q + o, u) * r * (one - r)).store(tile.dr + o + u * gru_lanes);
      (d * (at(tile.h + o, u) - n) * z * (one - z)).store(tile.dz + o + u * gru_lanes);
      (d * z).store(previous + u * gru_lanes);
    }
    int j = 0;
    for (; j + 4 <= units; j += 4) transposed_products<4>(tile, o, j, previous);
    for (; j < units; ++j) transposed_products<1>(tile, o, j, previous);
  }

  template <int count>
  RAPHSON_INLINE void transposed_products(const Tile& tile, std::size_t o, int j, T* previous) const {
    V sum[3][count];
    for (int k = 0; k < count; ++k) {
      sum[0][k] = at(previous, j + k);
      sum[1][k] = sum[2][k] = V(T(0));
    }
    for (int u = 0; u < units; ++u) {
      const V d[3] = {at(tile.dr + o, u), at(tile.dz + o, u), at(tile.dq + o, u)};
      const T* const w = recurrent + u * units + j;
      for (int g = 0; g < 3; ++g)
        for (int k = 0; k < count; ++k) sum[g][k] += V(w[g * units * units + k]) * d[g];
    }
    for (int k = 0; k < count; ++k) (sum[0][k] + sum[1][k] + sum[2][k]).store(previous + (j + k) * gru_lanes);
  }

  /// gradient[u * columns + j] += sum over a tile's steps and lanes of error u times factor j.
  void add_products(const T* error, const T* factor, int columns, std::size_t stride,
                    double* gradient) const {
    for (int u = 0; u < units;)
      if (u + 4 <= units) {
        add_rows<4>(error, factor, u, columns, stride, gradient);
        u += 4;
      } else {
        add_rows<1>(error, factor, u, columns, stride, gradient);
        u += 1;
      }
  }
  template <int rows>
  RAPHSON_INLINE void add_rows(const T* error, const T* factor, int u, int columns, std::size_t stride,
                               double* gradient) const {
    int j = 0;
    for (; j + 4 <= columns; j += 4) add_block<rows, 4>(error, factor, u, j, columns, stride, gradient);
    for (; j < columns; ++j) add_block<rows, 1>(error, factor, u, j, columns, stride, gradient);
  }
  template <int rows, int count>
  RAPHSON_INLINE void add_block(const T* error, const T* factor, int u, int j, int columns,
                                std::size_t stride, double* gradient) const {
    V sum[rows][count];
    for (auto& of_row : sum)
      for (V& s : of_row) s = V(T(0));
    for (std::size_t i = 0; i < gru_tile; ++i)
      for (int a = 0; a < rows; ++a)
        for (int b = 0; b < count; ++b)
          sum[a][b] += at(error + i * row, u + a) * at(factor + i * stride, j + b);
    for (int a = 0; a < rows; ++a)
      for (int b = 0; b < count; ++b)
        gradient[(u + a) * columns + j + b] += static_cast<double>(dsp::sum(sum[a][b]));
  }

  /// gradient[u] += sum of factor times values u over a tile; factor null: 1.
  void add_sums(const T* values, const T* factor, double* gradient) const {
    for (int u = 0; u < units; ++u) {
      V sum(T(0));
      for (std::size_t i = 0; i < gru_tile; ++i)
        sum += factor ? at(values + i * row, u) * V::load(factor + i * gru_lanes) : at(values + i * row, u);
      gradient[u] += static_cast<double>(dsp::sum(sum));
    }
  }

  void add_gradient(const Tile& tile, std::size_t first, double* gradient) const {
    const auto where = layout();
    const T* const errors[3] = {tile.dr, tile.dz, tile.dn};
    for (int g = 0; g < 3; ++g) {
      const T* const recurrent_error = g == 2 ? tile.dq : errors[g];
      add_products(errors[g], features(first), inputs, inputs * gru_lanes,
                   gradient + where.input + g * units * inputs);
      add_products(recurrent_error, tile.h, units, row, gradient + where.recurrent + g * units * units);
      add_sums(errors[g], nullptr, gradient + where.input_bias + g * units);
      add_sums(recurrent_error, nullptr, gradient + where.recurrent_bias + g * units);
    }
    const T* const slope = batch.slope + first * gru_lanes;
    add_sums(tile.h + row, slope, gradient + where.readout);
    V sum(T(0));
    for (std::size_t i = 0; i < gru_tile; ++i) sum += V::load(slope + i * gru_lanes);
    gradient[where.readout_bias] += static_cast<double>(dsp::sum(sum));
  }

  void backward(double* gradient) const {
    T* next = batch.scratch;
    const auto part = [&](std::size_t steps) {
      T* const begin = next;
      next += steps * row;
      return begin;
    };
    Tile tile{};
    tile.h = part(gru_tile + 1);
    for (T** p : {&tile.r, &tile.z, &tile.n, &tile.q, &tile.dr, &tile.dz, &tile.dq, &tile.dn})
      *p = part(gru_tile);
    T *dh = part(1), *previous = part(1);
    std::memset(dh, 0, row * sizeof(T));
    for (std::size_t first = batch.steps; first > 0;) {
      first -= gru_tile;
      std::memcpy(tile.h, batch.states + first / gru_tile * row, row * sizeof(T));
      for (std::size_t i = 0; i < gru_tile; ++i)
        step(tile.h + i * row, features(first + i), tile.h + (i + 1) * row,
             {tile.r + i * row, tile.z + i * row, tile.n + i * row, tile.q + i * row});
      for (std::size_t i = gru_tile; i-- > 0;) {
        const V slope = V::load(batch.slope + (first + i) * gru_lanes);
        for (int u = 0; u < units; ++u) (at(dh, u) + V(readout[u]) * slope).store(dh + u * gru_lanes);
        step_back(tile, i, dh, previous);
        T* const swapped = dh;
        dh = previous;
        previous = swapped;
      }
      add_gradient(tile, first, gradient);
    }
  }
};

template <class T> void forward(const GruBatch<T>& batch) { Pass<T>(batch).forward(); }
template <class T> void backward(const GruBatch<T>& batch, double* gradient) {
  Pass<T>(batch).backward(gradient);
}

} // namespace

extern const GruKernel<float> RAPHSON_FOR_ISA(gru_kernel_float);
const GruKernel<float> RAPHSON_FOR_ISA(gru_kernel_float) = {forward<float>, backward<float>};
extern const GruKernel<double> RAPHSON_FOR_ISA(gru_kernel_double);
const GruKernel<double> RAPHSON_FOR_ISA(gru_kernel_double) = {forward<double>, backward<double>};

} // namespace raphson::optim::match
