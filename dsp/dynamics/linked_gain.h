// The gains of compressors that stand side by side, one a channel, alike in all values, their levels linked:
//
//   octaves_c   log2 of channel c's level, |x| or the root of a power
//   linked_c  = (1 - link) octaves_c + link max_k octaves_k
//   f_c       = 2^(-slope overshoot(linked_c - threshold))      (gain_curve.h)
//   gain_c      smoothed by attack and release                  (ballistics.h)
//
// Levels and static gains are computed several samples at a time by the machine's vector units, while the
// channels' recursions run beside each other: whole blocks take about as long as one recursion does, one
// fused multiply-add and one minimum a sample.
#pragma once

#include "dsp/simd/isa.h"
#include "dsp/smoothing/ramp.h"

#include <cstddef>

namespace raphson::dsp {

struct LinkedGainBlock {
  static constexpr int maximum_channels = 8;

  int channels; ///< up to maximum_channels
  std::size_t count;
  const double* const* level; ///< a signal or, with level_is_power, its mean square, of each channel
  double* const* gain;        ///< results, make-up not included
  double* state;              ///< the gain of each channel before and after the block

  bool level_is_power;
  Line threshold, slope, link; ///< octaves; 1 - 1/ratio; 0..1: over the samples of the block
  double knee;                 ///< octaves
  double attack, release;      ///< coefficients

  double highest_octaves = -1e9; ///< result: the highest level, before the link
};

/// Real-time safe.
using LinkedGain = void (*)(LinkedGainBlock&);

LinkedGain linked_gain(Isa isa = detect_isa());

} // namespace raphson::dsp
