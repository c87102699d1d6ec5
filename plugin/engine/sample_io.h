// The loops over the host's samples, several at a time: in, through the compressor's gain, and out.
#pragma once

#include "dsp/simd/isa.h"
#include "dsp/smoothing/ramp.h"

#include <cstddef>

namespace raphson::plugin {

/// Samples beyond this (+200 dB) are no audio: they count as 0, as those that are not finite do.
inline constexpr double highest_sample = 1e10;

template <class Sample> struct SampleIo {
  /// out = in, or 0 where in is no audio.
  void (*take)(const Sample* in, double* out, std::size_t count);

  /// out = gain in; returns the peak of |gain in|. out may be in where Sample is double.
  double (*give)(const double* in, Sample* out, std::size_t count, dsp::Line gain);
};

struct GainOps {
  /// out = gain in; returns the peak. out may be in.
  double (*scale)(const double* in, double* out, std::size_t count, dsp::Line gain);

  /// audio *= makeup gain; returns the least gain.
  double (*apply)(double* audio, const double* gain, std::size_t count, dsp::Line makeup);
};

template <class Sample> const SampleIo<Sample>& sample_io(dsp::Isa isa = dsp::detect_isa());
const GainOps& gain_ops(dsp::Isa isa = dsp::detect_isa());

} // namespace raphson::plugin
