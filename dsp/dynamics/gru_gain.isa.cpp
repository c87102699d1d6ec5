// gru_gain.h for one instruction set.
#include "dsp/dynamics/gru_gain.h"

#include "dsp/dynamics/gru_activation.h"

namespace raphson::dsp {
namespace {

constexpr Isa isa = Isa::RAPHSON_ISA;
constexpr int lanes = lane_count<float>(isa);
using V = Lanes<float, lanes, isa>;

constexpr int tile = 64;

/// Samples of a tile as the network sees them.
struct Features {
  alignas(64) float x[GruWeights::inputs][tile];
};

void features(const double* gain, const double* audio, int count, Features& out) {
  for (int t = 0; t < count; ++t) {
    const auto v = static_cast<float>(gain[t] * audio[t]);
    out.x[0][t] = static_cast<float>(1 - gain[t]);
    out.x[1][t] = v;
    out.x[2][t] = v < 0 ? -v : v;
  }
}

/// What is left of the readout's sum over units after each sample: four of its parts, added up when the
/// recurrence no longer waits.
using Parts = float[tile][4];

void correct(const Parts& parts, float bias, double* gain, int count) {
  for (int t = 0; t < count; ++t) {
    const float sum = (parts[t][0] + parts[t][1]) + (parts[t][2] + parts[t][3]);
    const double factor = static_cast<double>(1 + bias + sum);
    const double held = factor > GruGain::lowest_factor ? factor : GruGain::lowest_factor;
    gain[t] *= held < GruGain::highest_factor ? held : GruGain::highest_factor;
  }
}

template <int n> RAPHSON_INLINE void store_parts(Lanes<float, n, isa> a, float* parts) {
  if constexpr (n == 4) {
    a.store(parts);
  } else {
    using Half = Lanes<float, n / 2, isa>;
    Half half[2];
    static_assert(sizeof half == sizeof a);
    std::memcpy(half, &a, sizeof a);
    store_parts<n / 2>(half[0] + half[1], parts);
  }
}

/// `channels` recurrences side by side over the units, vectors of them a row.
template <int channels, int vectors> struct Network {
  const float *input, *recurrent, *bias, *readout;
  int units;
  std::size_t row;

  explicit Network(const GruPacked& p)
      : input(p.values.data() + p.input), recurrent(p.values.data() + p.recurrent),
        bias(p.values.data() + p.bias), readout(p.values.data() + p.readout), units(p.units),
        row(static_cast<std::size_t>(p.padded)) {}

  using State = float[channels][vectors * lanes];

  RAPHSON_INLINE void step(const Features* const (&x)[channels], int t, State& state, Parts* parts) const {
    V h[channels][vectors], gate[channels][vectors][3], hidden[channels][vectors];
    for (int v = 0; v < vectors; ++v)
      for (int c = 0; c < channels; ++c) {
        h[c][v] = V::load(state[c] + v * lanes);
        for (int g = 0; g < 3; ++g) gate[c][v][g] = V::load(bias + g * row + v * lanes);
        hidden[c][v] = V::load(bias + 3 * row + v * lanes);
        for (int i = 0; i < GruWeights::inputs; ++i)
          for (int g = 0; g < 3; ++g)
            gate[c][v][g] += V(x[c]->x[i][t]) * V::load(input + (i * 3 + g) * row + v * lanes);
      }
    multiply(state, gate, hidden);
    for (int c = 0; c < channels; ++c) {
      V out(0.0f);
      for (int v = 0; v < vectors; ++v) {
        const V r = gru::sigmoid_of_octaves(gate[c][v][0]);
        const V next = gru::step(h[c][v], gate[c][v][1], gate[c][v][2] + r * hidden[c][v]);
        next.store(state[c] + v * lanes);
        out += next * V::load(readout + v * lanes);
      }
      store_parts<lanes>(out, parts[c][t]);
    }
  }

  /// The recurrent products, even and odd units apart so that the sums wait half as long.
  RAPHSON_INLINE void multiply(const State& state, V (&gate)[channels][vectors][3],
                               V (&hidden)[channels][vectors]) const {
    constexpr int chains = vectors == 1 ? 2 : 1;
    V sum[chains][channels][vectors][3];
    for (auto& chain : sum)
      for (auto& of_channel : chain)
        for (auto& of_vector : of_channel)
          for (V& s : of_vector) s = V(0.0f);
    int j = 0;
#pragma GCC unroll 4 // fewer branches and addresses between the products
    for (; j + chains <= units; j += chains)
      for (int k = 0; k < chains; ++k) add_products(state, j + k, sum[k]);
    if (j < units) add_products(state, j, sum[0]);
    for (int c = 0; c < channels; ++c)
      for (int v = 0; v < vectors; ++v) {
        V total[3];
        for (int g = 0; g < 3; ++g) {
          total[g] = sum[0][c][v][g];
          for (int k = 1; k < chains; ++k) total[g] += sum[k][c][v][g];
        }
        gate[c][v][0] += total[0];
        gate[c][v][1] += total[1];
        hidden[c][v] += total[2];
      }
  }

  RAPHSON_INLINE void add_products(const State& state, int j, V (&sum)[channels][vectors][3]) const {
    const float* const column = recurrent + static_cast<std::size_t>(j) * 3 * row;
    for (int v = 0; v < vectors; ++v)
      for (int g = 0; g < 3; ++g) {
        const V w = V::load(column + g * row + v * lanes);
        for (int c = 0; c < channels; ++c) sum[c][v][g] += V(state[c][j]) * w;
      }
  }
};

template <int channels, int vectors>
void run(const GruPacked& p, const GruGainBlock& block, int first, float* const* states) {
  const Network<channels, vectors> network(p);
  alignas(64) typename Network<channels, vectors>::State state;
  Features x[channels];
  const Features* seen[channels];
  alignas(16) Parts parts[channels];
  for (int c = 0; c < channels; ++c) {
    std::memcpy(state[c], states[first + c], sizeof state[c]);
    seen[c] = &x[c];
  }
  for (std::size_t from = 0; from < block.count; from += tile) {
    const int count = block.count - from < tile ? static_cast<int>(block.count - from) : tile;
    for (int c = 0; c < channels; ++c)
      features(block.gain[first + c] + from, block.audio[first + c] + from, count, x[c]);
    for (int t = 0; t < count; ++t) network.step(seen, t, state, parts);
    for (int c = 0; c < channels; ++c) correct(parts[c], p.readout_bias, block.gain[first + c] + from, count);
  }
  for (int c = 0; c < channels; ++c) std::memcpy(states[first + c], state[c], sizeof state[c]);
}

template <int vectors>
void run_channels(const GruPacked& p, const GruGainBlock& block, float* const* states) {
  int c = 0;
  for (; c + 2 <= block.channels; c += 2) run<2, vectors>(p, block, c, states);
  if (c < block.channels) run<1, vectors>(p, block, c, states);
}

/// Vectors that hold the units: as few as do.
void choose(const GruPacked& p, const GruGainBlock& block, float* const* states) {
  constexpr int most = GruWeights::maximum_units / lanes;
  const int needed = (p.units + lanes - 1) / lanes;
  if (needed <= 1) return run_channels<1>(p, block, states);
  if (needed <= 2) return run_channels<2>(p, block, states);
  if (needed <= 4 || most <= 4) return run_channels<4>(p, block, states);
  if constexpr (most > 4) {
    if (needed <= 8 || most <= 8) return run_channels<8>(p, block, states);
    if constexpr (most > 8) run_channels<16>(p, block, states);
  }
}

static_assert(lanes <= 16); // the padding of GruPacked

} // namespace

extern const GruGainKernel RAPHSON_FOR_ISA(gru_gain_kernel);
const GruGainKernel RAPHSON_FOR_ISA(gru_gain_kernel) = choose;

} // namespace raphson::dsp
