// From a parameter's value to a host's 0..1 and back, even in the value or in its logarithm.
#pragma once

#include "dsp/chain/parameter.h"

#include <juce_audio_processors/juce_audio_processors.h>

#include <cmath>

namespace raphson::plugin {

using ValueRange = juce::NormalisableRange<float>;

inline ValueRange value_range(double minimum, double maximum, dsp::Scale scale) {
  const auto low = static_cast<float>(minimum), high = static_cast<float>(maximum);
  if (scale == dsp::Scale::linear) return {low, high};
  const auto from = [](float a, float b, float x) {
    return static_cast<float>(a * std::pow(double(b) / a, double(x)));
  };
  const auto to = [](float a, float b, float v) {
    return static_cast<float>(std::log(double(v) / a) / std::log(double(b) / a));
  };
  return {low, high, from, to};
}

/// 0 is off; the rest is logarithmic from minimum to maximum.
inline ValueRange value_range_or_off(double minimum, double maximum) {
  constexpr double off_below = 1.0 / 128; // of the knob's way; the same as a float
  const auto from = [=](float, float, float x) {
    return x < off_below
               ? 0
               : static_cast<float>(minimum * std::pow(maximum / minimum, (x - off_below) / (1 - off_below)));
  };
  const auto to = [=](float, float, float v) {
    return v < minimum / 2
               ? 0.0f
               : static_cast<float>(off_below
                                    + (1 - off_below) * std::log(std::max(double(v), minimum) / minimum)
                                          / std::log(maximum / minimum));
  };
  const auto snap = [=](float, float, float v) {
    return static_cast<float>(v < minimum / 2 ? 0 : std::clamp(double(v), minimum, maximum));
  };
  return {0, static_cast<float>(maximum), from, to, snap};
}

} // namespace raphson::plugin
