// What the engine takes, and what it makes of the rest.
#pragma once

#include "dsp/chain/parameter.h"
#include "plugin/engine/controls.h"

#include <algorithm>
#include <cmath>
#include <cstddef>

namespace raphson::plugin {

inline constexpr int maximum_channels = 8;
inline constexpr double lowest_sample_rate = 4000, highest_sample_rate = 768000;

/// Samples from one step of moving values to the next.
inline constexpr int grid = 32;
/// Samples processed at once at most, a multiple of the grid.
inline constexpr std::size_t block_size = 256;

/// Steps of the grid in a time, at least one.
inline int grid_steps(double ms, double sample_rate) {
  return std::max(1, static_cast<int>(ms * 0.001 * sample_rate / grid + 0.5));
}

/// The nearest value in range; `before` for what is not finite.
inline double held(double value, double minimum, double maximum, double before) {
  return std::isfinite(value) ? std::clamp(value, minimum, maximum) : before;
}

inline double held(double value, const dsp::Parameter& p, double before) {
  return held(value, p.minimum, p.maximum, before);
}

inline double held_rate(double sample_rate) {
  return held(sample_rate, lowest_sample_rate, highest_sample_rate, 48000);
}

/// The ranges of controls.h.
inline Controls held(Controls c, const Controls& before) {
  c.input_gain_db = held(c.input_gain_db, -24, 24, before.input_gain_db);
  c.output_gain_db = held(c.output_gain_db, -24, 24, before.output_gain_db);
  c.mix = held(c.mix, 0, 1, before.mix);
  c.stereo_link = held(c.stereo_link, 0, 1, before.stereo_link);
  c.sidechain_highpass_hz = held(c.sidechain_highpass_hz, 0, 1000, before.sidechain_highpass_hz);
  if (c.sidechain_highpass_hz > 0) c.sidechain_highpass_hz = std::max(c.sidechain_highpass_hz, 20.0);
  c.look_ahead_ms = held(c.look_ahead_ms, 0, 20, before.look_ahead_ms);
  c.oversampling = c.oversampling >= 4 ? 4 : c.oversampling >= 2 ? 2 : 1;
  return c;
}

} // namespace raphson::plugin
