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

  /// Of the block that compresses, with these values of its own; rounded as dsp::Compressor rounds.
  static Timing of(const Controls& controls, dsp::BlockType type, std::span<const double> values,
                   double sample_rate) {
    const double own_ms = type == dsp::BlockType::dynamics ? values[14] : values[7];
    const double look_ahead_ms = own_ms + controls.look_ahead_ms;
    return {static_cast<std::size_t>(controls.oversampling),
            static_cast<std::size_t>(look_ahead_ms * 0.001 * sample_rate + 0.5)};
  }
};

} // namespace raphson::plugin
