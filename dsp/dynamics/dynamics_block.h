// The general compressor (dynamics.h) over a block of one channel, pass by pass: what is a formula of one
// sample, several samples at a time by the machine's vector units; what is a recursion, sample by sample.
// For feed-forward structures alone: where the detector hears the last gain there are no passes.
//
//   followed   detected d (|x|, or the mean square) -> what the envelope follows
//   envelope   attack, release, hold, memory (envelope.h), all channels side by side
//   gain       the envelope -> the gain, before its smoothing
//   link       d_c <- d_c^(1 - link) (max_k d_k)^link: levels mixed in decibels
//
// To rounding the values of dynamics.h; to the bit the same however the audio is cut into blocks.
#pragma once

#include "dsp/dynamics/dynamics_structure.h"
#include "dsp/dynamics/envelope.h"
#include "dsp/simd/isa.h"
#include "dsp/smoothing/ramp.h"

#include <cstddef>

namespace raphson::dsp {

/// The static curve, and what is detected, for the passes.
struct DynamicsCurve {
  double log_threshold, slope; ///< nepers; 1 - 1/ratio
  double knee;                 ///< nepers, 0: hard
  bool is_power;               ///< detected is a mean square, not a magnitude
};

/// Real-time safe. In place, where there is an output of its own, too.
struct DynamicsBlockPasses {
  void (*followed)(const double* detected, double* out, std::size_t count, SmoothedQuantity,
                   const DynamicsCurve&);
  void (*envelope)(double* const* quantity, int channels, std::size_t count, Ballistics,
                   const EnvelopeCoefficients<double>&, Envelope<double>* const* states);
  void (*gain)(double* quantity, std::size_t count, SmoothedQuantity, const DynamicsCurve&);
  void (*link)(double* const* detected, int channels, std::size_t count, Line amount, bool is_power);
};

const DynamicsBlockPasses& dynamics_block_passes(Isa isa = detect_isa());

} // namespace raphson::dsp
