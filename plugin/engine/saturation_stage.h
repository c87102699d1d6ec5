// One saturation on all channels, at the audio's own rate: its antiderivatives, not oversampling, are what
// keeps aliasing down (dsp/nonlinear/saturation_curve.h).
#pragma once

#include "dsp/nonlinear/saturation.h"

#include <span>
#include <vector>

namespace raphson::plugin {

class SaturationStage {
public:
  /// Allocates. set() has to follow.
  void prepare(int channels) {
    constexpr double none[] = {0, 0};
    channel_.assign(static_cast<std::size_t>(channels), {std::span<const double>(none), 48000});
    reset();
  }
  void reset() {
    for (auto& channel : channel_) channel.reset();
  }

  /// Values as in dsp::saturation_parameters.
  void set(std::span<const double> values) {
    for (auto& channel : channel_) channel.set(values);
  }

  /// In place, on up to as many channels as prepared.
  void process(double* const* audio, int channels, std::size_t count) {
    for (std::size_t c = 0; c < static_cast<std::size_t>(channels); ++c)
      channel_[c].process({audio[c], count});
  }

private:
  std::vector<dsp::Saturation<double>> channel_;
};

} // namespace raphson::plugin
