// What a compressor needs to know over a few samples: from one step of the grid to the next at most, or for
// as long as nothing moves.
#pragma once

#include "dsp/smoothing/ramp.h"

#include <span>

namespace raphson::plugin {

struct CompressorValues {
  dsp::Line threshold; ///< octaves
  dsp::Line slope;     ///< 1 - 1/ratio
  dsp::Line link;      ///< 0..1
  dsp::Line makeup;    ///< gain
  dsp::Line external;  ///< 0 the audio is heard .. 1 the side-chain is
  dsp::Line highpass;  ///< 0 what is heard is heard whole .. 1 through the high-pass
  dsp::Line delta;     ///< 0 the output .. 1 what is taken away
  double knee;         ///< octaves
  double attack_ms, release_ms, rms_ms, highpass_hz;
  /// Of a dynamics block, as in dsp::dynamics_parameters, at the last step of the grid; they take the place
  /// of threshold, slope, knee, attack, release and rms.
  std::span<const double> dynamics = {};

  /// With every line changed by f.
  template <class F> CompressorValues lines(F f) const {
    CompressorValues v = *this;
    for (dsp::Line* line : {&v.threshold, &v.slope, &v.link, &v.makeup, &v.external, &v.highpass, &v.delta})
      *line = f(*line);
    return v;
  }
};

/// What a meter wants to know of a compressor.
struct CompressorReading {
  double lowest_gain = 1, highest_octaves = -1e9;
};

} // namespace raphson::plugin
