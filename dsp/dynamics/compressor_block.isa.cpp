// compressor_block.h for one instruction set.
#include "dsp/dynamics/compressor_block.h"

#include "dsp/math/elementary.h"

namespace raphson::dsp {
namespace {

constexpr Isa isa = Isa::RAPHSON_ISA;
constexpr int lanes = lane_count<double>(isa);
using V = Lanes<double, lanes, isa>;

constexpr double ln2 = 0.69314718055994530942;
constexpr double lowest_level = 1e-8; // as PeakDetector's

RAPHSON_INLINE V static_gain(V x, V log2_threshold, V slope) {
  const V octaves = math::log2(max(abs(x), V(lowest_level))) - log2_threshold;
  return math::exp2_within_range(-slope * max(octaves, V(0.0)));
}

template <bool attack_is_faster>
void smooth(double* gain, std::size_t count, const CompressorBlockCoefficients& k, double& state) {
  const double keep_attack = 1 - k.attack, keep_release = 1 - k.release;
  double g = state;
  for (std::size_t t = 0; t < count; ++t) {
    const double f = gain[t];
    const double attacked = keep_attack * g + k.attack * f, released = keep_release * g + k.release * f;
    g = attack_is_faster ? (attacked < released ? attacked : released)
                         : (attacked > released ? attacked : released);
    gain[t] = g;
  }
  state = g;
}

void block_gain(const double* x, double* gain, std::size_t count, const CompressorBlockCoefficients& k,
                double& state) {
  const V log2_threshold(k.log_threshold / ln2), slope(k.slope);
  std::size_t t = 0;
#pragma GCC unroll 4 // hides the latency of the two polynomials
  for (; t + lanes <= count; t += lanes) static_gain(V::load(x + t), log2_threshold, slope).store(gain + t);
  if (t < count) {
    double rest[lanes] = {};
    for (std::size_t i = t; i < count; ++i) rest[i - t] = x[i];
    static_gain(V::load(rest), log2_threshold, slope).store(rest);
    for (std::size_t i = t; i < count; ++i) gain[i] = rest[i - t];
  }
  if (k.attack >= k.release)
    smooth<true>(gain, count, k, state);
  else
    smooth<false>(gain, count, k, state);
}

} // namespace

extern const CompressorBlockGain RAPHSON_FOR_ISA(compressor_block_gain);
const CompressorBlockGain RAPHSON_FOR_ISA(compressor_block_gain) = block_gain;

} // namespace raphson::dsp
