// What makes a compressor late: its look-ahead and its oversampling.
#pragma once

#include "dsp/chain/chain.h"
#include "dsp/resample/oversampler.h"
#include "plugin/engine/controls.h"

#include <cstddef>
#include <span>

namespace raphson::plugin {

struct Timing {
  std::size_t oversampling = 1, look_ahead = 0; ///< a factor; samples of the audio's rate

  std::size_t latency() const { return look_ahead + dsp::Oversampler::latency_samples(oversampling); }
  bool operator==(const Timing&) const = default;

  static constexpr double longest_look_ahead_ms = 40; ///< the model's and the plugin's

  /// Of the compressor with these values, as in dsp::compressor_parameters; rounded as dsp::Compressor
  /// rounds.
  static Timing of(const Controls& controls, std::span<const double> compressor, double sample_rate) {
    const double look_ahead_ms = compressor[7] + controls.look_ahead_ms;
    return {static_cast<std::size_t>(controls.oversampling),
            static_cast<std::size_t>(look_ahead_ms * 0.001 * sample_rate + 0.5)};
  }
};

} // namespace raphson::plugin
