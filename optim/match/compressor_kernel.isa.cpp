// The loss kernel of compressor_kernel.h for one instruction set.
//
// The audio is taken in tiles of a few dozen samples a lane, so that everything between the passes below
// stays in the first-level cache, and each pass has few enough running sums to keep them in registers:
//   read     gather the lanes' samples, level and static gain        (the exponential and the logarithm)
//   value    the ballistics' recursion, the error                    (bound by the recursion's latency)
//   first    the four first-derivative recursions, pre-emphasised    gradient
//   second   the eight second-derivative recursions                  sum of e e_ij
//   products sum of e_i e_j
#include "optim/match/compressor_kernel.h"

#include "dsp/math/elementary.h"
#include "dsp/simd/transpose.h"

namespace raphson::optim::match {
namespace {

constexpr dsp::Isa isa = dsp::Isa::RAPHSON_ISA;
constexpr int lanes = dsp::lane_count<double>(isa);
using V = dsp::Lanes<double, lanes, isa>;
using dsp::math::exp2_within_range, dsp::math::log2;

constexpr int tile_samples = 64;
constexpr int stride = tile_samples + 1; // off a power of two, else all arrays of a tile share one cache set
constexpr double ln2 = 0.69314718055994530942;
constexpr double level_floor = 1e-8; // -160 dB, as in the published code

enum class Order { value, gradient, gauss_newton, hessian };

/// The coordinates and pre-emphasis, a lane each. Levels are in octaves of amplitude here: log2 and 2^x need
/// no change of base. Derivatives by theta and s get their factors ln 2 where the sums leave the kernel.
struct Coordinates {
  V log2_threshold, slope, attack, release, keep_attack, keep_release, makeup, pole;
  V decay[tile_samples]; ///< (pole - 1) pole^(n-1-j)
  double pole_power;     ///< pole^n

  Coordinates(const CompressorCoordinates& k, double pre_emphasis_pole)
      : log2_threshold(k.log_threshold / ln2), slope(k.slope), attack(k.attack), release(k.release),
        keep_attack(1 - k.attack), keep_release(1 - k.release), makeup(dsp::math::exp(k.log_makeup)),
        pole(pre_emphasis_pole), pole_power(1) {
    for (int j = tile_samples; j-- > 0;) {
      decay[j] = V((pre_emphasis_pole - 1) * pole_power);
      pole_power *= pre_emphasis_pole;
    }
  }
};

/// H applied to a running signal: v_t = u_t - u_{t-1} + pole v_{t-1}.
struct PreEmphasis {
  V u{0.0}, v{0.0};
  RAPHSON_INLINE V operator()(V input, V pole) {
    v = (input - u) + pole * v;
    u = input;
    return v;
  }
};

/// Per-sample quantities passed between the passes. Gains and their derivatives carry the make-up.
struct Tile {
  V x[stride], y[stride];
  V f[stride], overshoot[stride];        ///< static gain, max(u, 0) in octaves
  V d[stride];                           ///< f_t - g_{t-1}
  V keep[stride], in_attack[stride];     ///< 1 - c_t, 1 in attack
  V e[stride];                           ///< pre-emphasised error, 0 where not scored
  V e_i[5][stride];                      ///< its derivatives by phi, s, a, r, mu
  V d_phi[stride], d_slope[stride];      ///< input minus state of those recursions
  V g_attack[stride], g_release[stride]; ///< states before the step
  V input_slope2[stride];                ///< c f max(u,0)^2
  V weight_now[stride], weight_carry[stride];
  V weight_start;
};

struct Group {
  const ChunkView* chunks;
  int count;
  std::size_t samples = 0;

  Group(const ChunkView* views, int n) : chunks(views), count(n) {
    for (int lane = 0; lane < n; ++lane) samples = samples < views[lane].count ? views[lane].count : samples;
  }
  bool all_scored(std::size_t from) const {
    for (int lane = 0; lane < count; ++lane)
      if (from < chunks[lane].first_scored || from + tile_samples > chunks[lane].count) return false;
    return count == lanes;
  }
  V scored(std::size_t t) const {
    V weight(0.0);
    for (int lane = 0; lane < count; ++lane)
      if (t >= chunks[lane].first_scored && t < chunks[lane].count) weight.set(lane, 1.0);
    return weight;
  }
};

/// One signal of every lane from `from` on, zeros past the end.
void gather(const Group& group, const float* ChunkView::*signal, std::size_t from, V* out) {
  using F = dsp::Lanes<float, lanes, isa>;
  alignas(64) float padded[lanes][tile_samples];
  const float* rows[lanes];
  for (int lane = 0; lane < lanes; ++lane) {
    rows[lane] = padded[lane];
    const bool present = lane < group.count;
    const std::size_t count = present ? group.chunks[lane].count : 0;
    if (from + tile_samples <= count) {
      rows[lane] = group.chunks[lane].*signal + from;
      continue;
    }
    for (std::size_t j = 0; j < tile_samples; ++j)
      padded[lane][j] = from + j < count ? (group.chunks[lane].*signal)[from + j] : 0.0f;
  }
  for (int j = 0; j < tile_samples; j += lanes) {
    F block[lanes];
    for (int lane = 0; lane < lanes; ++lane) block[lane] = F::load(rows[lane] + j);
    dsp::transpose(block);
    for (int i = 0; i < lanes; ++i) out[j + i].v = __builtin_convertvector(block[i].v, V::Vector);
  }
}

void read(const Group& group, std::size_t from, const Coordinates& k, Tile& tile) {
  gather(group, &ChunkView::dry, from, tile.x);
  gather(group, &ChunkView::wet, from, tile.y);
  for (int t = 0; t < tile_samples; ++t) {
    const V u = log2(max(abs(tile.x[t]), V(level_floor))) - k.log2_threshold;
    tile.overshoot[t] = max(u, V(0.0));
    tile.f[t] = k.makeup * exp2_within_range(-k.slope * tile.overshoot[t]);
  }
}

struct ValueState {
  V g, loss{0.0};
  PreEmphasis error, output;
};

/// g_t = (1 - c) g_{t-1} + c f_t. Both candidates are computed beside each other and the smaller taken (the
/// larger, if attack is slower than release): the choice of c without its comparison in the recursion's path.
template <bool attack_is_faster, bool derivatives>
void advance_value(const Coordinates& k, Tile& tile, ValueState& state) {
  V g = state.g, loss = state.loss;
  PreEmphasis error = state.error, output = state.output;
  for (int t = 0; t < tile_samples; ++t) {
    const V f = tile.f[t];
    const V attacked = k.keep_attack * g + k.attack * f, released = k.keep_release * g + k.release * f;
    if constexpr (derivatives) {
      const auto attacks = f < g;
      tile.d[t] = f - g;
      tile.keep[t] = select(attacks, k.keep_attack, k.keep_release);
      tile.in_attack[t] = select(attacks, V(1.0), V(0.0));
    }
    g = attack_is_faster ? min(attacked, released) : max(attacked, released);
    const V u = g * tile.x[t];
    tile.e[t] = error(u - tile.y[t], k.pole);
    if constexpr (derivatives)
      tile.e_i[4][t] = output(u, k.pole);
    else
      loss += tile.e[t] * tile.e[t];
  }
  state = {g, loss, error, output};
}

void mask_unscored(const Group& group, std::size_t from, V* signal) {
  for (int t = 0; t < tile_samples; ++t) signal[t] *= group.scored(from + t);
}

struct FirstState {
  V phi{0.0}, slope{0.0}, attack{0.0}, release{0.0};
  PreEmphasis e_i[4];
};

template <bool second> void advance_first(const Coordinates& k, Tile& tile, FirstState& state) {
  FirstState s = state;
  for (int t = 0; t < tile_samples; ++t) {
    const V x = tile.x[t], f = tile.f[t], over = tile.overshoot[t], keep = tile.keep[t], c = V(1.0) - keep;
    const V d_attack = tile.in_attack[t] * tile.d[t], d_release = tile.d[t] - d_attack;
    const V f_slope = -over * f;
    const V d_phi = select(over > V(0.0), f, V(0.0)) - s.phi, d_slope = f_slope - s.slope;
    if constexpr (second) {
      tile.d_phi[t] = d_phi;
      tile.d_slope[t] = d_slope;
      tile.g_attack[t] = s.attack;
      tile.g_release[t] = s.release;
      tile.input_slope2[t] = -over * f_slope * c;
    }
    s.phi += c * d_phi;
    s.slope += c * d_slope;
    s.attack = keep * s.attack + d_attack;
    s.release = keep * s.release + d_release;
    tile.e_i[0][t] = s.e_i[0](s.phi * x, k.pole);
    tile.e_i[1][t] = s.e_i[1](s.slope * x, k.pole);
    tile.e_i[2][t] = s.e_i[2](s.attack * x, k.pole);
    tile.e_i[3][t] = s.e_i[3](s.release * x, k.pole);
  }
  state = s;
}

/// Weights that turn sums of e_t H(x q)_t over the tile into plain sums over q: with
/// lambda_t = e_t + pole lambda_{t+1}, sum e H(x q) = sum (lambda_t - lambda_{t+1}) x_t q_t + lambda_0 z,
/// where z = pole v - u is the filter's memory, whose value after the tile is sum decay_t x_t q_t + pole^n z.
void second_weights(const Coordinates& k, Tile& tile) {
  V lambda(0.0);
  for (int t = tile_samples; t-- > 0;) {
    const V next = lambda;
    lambda = tile.e[t] + k.pole * next;
    tile.weight_now[t] = (lambda - next) * tile.x[t];
    tile.weight_carry[t] = k.decay[t] * tile.x[t];
  }
  tile.weight_start = lambda;
}

/// One second derivative: its state, its filter's memory, and its sum of e e_ij.
struct Second {
  V q{0.0}, memory{0.0}, sum{0.0};
};
struct SecondState {
  Second slope2, attack2, attack_release, release2, phi_attack, slope_attack, phi_release, slope_release;
};

/// Runs several second-derivative recursions side by side; inputs(t, k) is the k-th one's input. Diagonal
/// entries carry half their value, so that each input is a single product.
template <int n, class Inputs>
RAPHSON_INLINE void advance_second(const Coordinates& k, const Tile& tile, Second* (&states)[n],
                                   Inputs inputs) {
  V q[n], now[n], carry[n];
  for (int i = 0; i < n; ++i) {
    q[i] = states[i]->q;
    now[i] = tile.weight_start * states[i]->memory;
    carry[i] = V(k.pole_power) * states[i]->memory;
  }
  for (int t = 0; t < tile_samples; ++t) {
    V input[n];
    inputs(t, input);
    for (int i = 0; i < n; ++i) {
      q[i] = tile.keep[t] * q[i] + input[i];
      now[i] += tile.weight_now[t] * q[i];
      carry[i] += tile.weight_carry[t] * q[i];
    }
  }
  for (int i = 0; i < n; ++i) *states[i] = {q[i], carry[i], states[i]->sum + now[i]};
}

void advance_second(const Coordinates& k, const Tile& tile, SecondState& s) {
  Second* times[] = {&s.attack2, &s.attack_release, &s.release2, &s.slope2};
  advance_second(k, tile, times, [&](int t, V* input) {
    const V in_attack = tile.in_attack[t], a = tile.g_attack[t], r = tile.g_release[t];
    const V attack_a = in_attack * a, attack_r = in_attack * r;
    input[0] = -attack_a;
    input[1] = (attack_a - a) - attack_r;
    input[2] = attack_r - r;
    input[3] = tile.input_slope2[t];
  });
  Second* mixed[] = {&s.phi_attack, &s.slope_attack, &s.phi_release, &s.slope_release};
  advance_second(k, tile, mixed, [&](int t, V* input) {
    const V in_attack = tile.in_attack[t];
    input[0] = in_attack * tile.d_phi[t];
    input[1] = in_attack * tile.d_slope[t];
    input[2] = tile.d_phi[t] - input[0];
    input[3] = tile.d_slope[t] - input[1];
  });
}

/// Running sums of e^2, e e_i and e_i e_j.
struct Sums {
  V loss{0.0}, gradient[5], products[15];
  Sums() {
    for (V& s : gradient) s = V(0.0);
    for (V& s : products) s = V(0.0);
  }
};

template <bool products> void add_products(const Tile& tile, Sums& sums) {
  V loss(0.0), gradient[5], product[15];
  for (V& s : gradient) s = V(0.0);
  for (V& s : product) s = V(0.0);
  for (int t = 0; t < tile_samples; ++t) {
    const V e = tile.e[t];
    const V e_i[5] = {tile.e_i[0][t], tile.e_i[1][t], tile.e_i[2][t], tile.e_i[3][t], tile.e_i[4][t]};
    loss += e * e;
    for (int i = 0; i < 5; ++i) gradient[i] += e * e_i[i];
    if constexpr (products)
      for (int i = 0, p = 0; i < 5; ++i)
        for (int j = 0; j <= i; ++j, ++p) product[p] += e_i[i] * e_i[j];
  }
  sums.loss += loss;
  for (int i = 0; i < 5; ++i) sums.gradient[i] += gradient[i];
  if constexpr (products)
    for (int p = 0; p < 15; ++p) sums.products[p] += product[p];
}

/// Scales phi to d/dtheta = s d/dphi and octaves to nepers, and lays the sums out as packed symmetric
/// matrices.
void add_to(LossDerivatives& out, const Sums& sums, const SecondState& second, double slope, Order order) {
  const double scale[5] = {slope, ln2, 1, 1, 1};
  out.loss += 0.5 * sum(sums.loss);
  double g[5]; // sum of e e_i
  for (int i = 0; i < 5; ++i) out.gradient[i] += g[i] = scale[i] * sum(sums.gradient[i]);
  if (order >= Order::gauss_newton)
    for (int i = 0, p = 0; i < 5; ++i)
      for (int j = 0; j <= i; ++j, ++p) out.gauss_newton[p] += scale[i] * scale[j] * sum(sums.products[p]);
  if (order < Order::hessian) return;
  const double phi = sum(sums.gradient[0]);
  const double curvature[15] = {slope * slope * phi,
                                phi + slope * g[1],
                                ln2 * ln2 * sum(second.slope2.sum),
                                slope * sum(second.phi_attack.sum),
                                ln2 * sum(second.slope_attack.sum),
                                2 * sum(second.attack2.sum),
                                slope * sum(second.phi_release.sum),
                                ln2 * sum(second.slope_release.sum),
                                sum(second.attack_release.sum),
                                2 * sum(second.release2.sum),
                                g[0],
                                g[1],
                                g[2],
                                g[3],
                                g[4]};
  for (int p = 0; p < 15; ++p) out.curvature[p] += curvature[p];
}

/// after_tile(from, sums) sees the running sums after each tile.
template <Order order, bool attack_is_faster, class AfterTile>
void run(const Group& group, const CompressorCoordinates& coordinates, double pole, LossDerivatives& out,
         AfterTile after_tile) {
  const Coordinates k(coordinates, pole);
  Tile tile;
  ValueState value{k.makeup, V(0.0), {}, {}};
  FirstState first;
  SecondState second;
  Sums sums;
  for (std::size_t from = 0; from < group.samples; from += tile_samples) {
    read(group, from, k, tile);
    const V loss_before = value.loss;
    advance_value<attack_is_faster, (order > Order::value)>(k, tile, value);
    const bool all_scored = group.all_scored(from);
    if (!all_scored) mask_unscored(group, from, tile.e);
    if constexpr (order == Order::value) {
      if (all_scored) continue;
      value.loss = loss_before;
      for (int t = 0; t < tile_samples; ++t) value.loss += tile.e[t] * tile.e[t];
    } else {
      advance_first<(order == Order::hessian)>(k, tile, first);
      if (!all_scored)
        for (auto& e_i : tile.e_i) mask_unscored(group, from, e_i);
      if constexpr (order == Order::hessian) {
        second_weights(k, tile);
        advance_second(k, tile, second);
      }
      add_products<(order >= Order::gauss_newton)>(tile, sums);
      after_tile(from, sums);
    }
  }
  if constexpr (order == Order::value) sums.loss = value.loss;
  add_to(out, sums, second, coordinates.slope, order);
}

template <Order order, class AfterTile>
void run(const Group& group, const CompressorCoordinates& k, double pole, LossDerivatives& out,
         AfterTile after_tile) {
  if (k.attack >= k.release)
    run<order, true>(group, k, pole, out, after_tile);
  else
    run<order, false>(group, k, pole, out, after_tile);
}

template <Order order>
void evaluate(const ChunkView* chunks, int count, const CompressorCoordinates& k, double pole,
              LossDerivatives& out) {
  run<order>(Group(chunks, count), k, pole, out, [](std::size_t, const Sums&) {});
}

void block_gradients(const ChunkView& chunk, const CompressorCoordinates& k, double pole,
                     std::size_t block_samples, double* blocks) {
  const double scale[5] = {k.slope, ln2, 1, 1, 1};
  double before[5] = {};
  LossDerivatives unused;
  run<Order::gradient>(Group(&chunk, 1), k, pole, unused, [&](std::size_t from, const Sums& sums) {
    double* block = blocks + 5 * (from / block_samples);
    for (int i = 0; i < 5; ++i) {
      const double so_far = scale[i] * sum(sums.gradient[i]);
      block[i] += so_far - before[i];
      before[i] = so_far;
    }
  });
}

double evaluate_value(const ChunkView* chunks, int count, const CompressorCoordinates& k, double pole) {
  LossDerivatives out;
  evaluate<Order::value>(chunks, count, k, pole, out);
  return out.loss;
}

} // namespace

#define RAPHSON_CONCATENATE_(a, b) a##b
#define RAPHSON_CONCATENATE(a, b) RAPHSON_CONCATENATE_(a, b)

extern const CompressorKernel RAPHSON_CONCATENATE(compressor_kernel_,
                                                  RAPHSON_ISA) = {isa,
                                                                  lanes,
                                                                  evaluate_value,
                                                                  evaluate<Order::gradient>,
                                                                  evaluate<Order::gauss_newton>,
                                                                  evaluate<Order::hessian>,
                                                                  block_gradients};

} // namespace raphson::optim::match
