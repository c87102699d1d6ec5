// From audio and side-chain to the levels that a compressor acts on: the choice between the two, a
// second-order Butterworth high-pass, and the mean square where the model has one.
#pragma once

#include "dsp/filters/biquad.h"
#include "plugin/engine/compressor_values.h"
#include "plugin/engine/limits.h"

#include <array>
#include <cstddef>
#include <vector>

namespace raphson::plugin {

class DetectorPath {
public:
  /// For blocks of up to `block` samples. Allocates.
  void prepare(int channels, std::size_t block);
  /// Silence behind, at this rate from now on.
  void reset(double sample_rate);
  /// Goes on with the mean squares of another.
  void adopt(const DetectorPath& other) { power_ = other.power_; }

  struct Levels {
    std::array<const double*, maximum_channels> level; ///< until the next call, and as long as audio is
    bool is_power;
  };
  /// sidechain may be null.
  Levels process(const double* const* audio, const double* const* sidechain, int channels, std::size_t count,
                 const CompressorValues& values);

  /// New values, for heard().
  void update(const CompressorValues& values);
  /// Sample by sample, for a detector that hears what the gain makes of the audio: x in the audio's place, at
  /// sample t of the block; no mean square.
  double heard(int channel, double x, const double* sidechain, std::size_t t,
               const CompressorValues& values) {
    const auto at = static_cast<double>(t);
    if (sidechain != nullptr) {
      const double e = values.external.at(at);
      x = (1 - e) * x + e * sidechain[t];
    }
    if (!filtering_) return x;
    const double a = values.highpass.at(at);
    return (1 - a) * x + a * filter_[static_cast<std::size_t>(channel)](x);
  }

private:
  void choose(double* out, const double* audio, const double* sidechain, std::size_t count,
              dsp::Line external);
  void high_pass(double* out, const double* in, int channel, std::size_t count, dsp::Line amount);
  void mean_square(double* out, const double* in, int channel, std::size_t count);

  double sample_rate_ = 0, highpass_hz_ = 0, rms_ms_ = 0, rms_coefficient_ = 1;
  bool filtering_ = false;
  std::array<dsp::Biquad<double>, maximum_channels> filter_ = filled();
  std::array<double, maximum_channels> power_{};
  std::vector<std::vector<double>> buffer_;

  static std::array<dsp::Biquad<double>, maximum_channels> filled();
};

} // namespace raphson::plugin
