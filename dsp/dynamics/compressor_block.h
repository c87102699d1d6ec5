// The gain of the hard-kneed peak compressor over a block of one channel, fast: level and static gain are
// computed several samples at a time by the machine's vector units, and only the ballistics run sample by
// sample, in the form whose latency is one fused multiply-add and one minimum a sample.
#pragma once

#include "dsp/simd/isa.h"

#include <cstddef>

namespace raphson::dsp {

struct CompressorBlockCoefficients {
  double log_threshold, slope; ///< ln threshold, 1 - 1/ratio
  double attack, release;      ///< one-pole coefficients
};

/// gain[t], the smoothed gain after x[t], make-up not included; `state` is the gain before and after the
/// block. Real-time safe. gain may be x itself.
using CompressorBlockGain = void (*)(const double* x, double* gain, std::size_t count,
                                     const CompressorBlockCoefficients&, double& state);

CompressorBlockGain compressor_block_gain(Isa isa = detect_isa());

} // namespace raphson::dsp
