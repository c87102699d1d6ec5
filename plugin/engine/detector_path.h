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

private:
  void choose(double* out, const double* audio, const double* sidechain, std::size_t count,
              dsp::Line external);
  void high_pass(double* out, const double* in, int channel, std::size_t count, dsp::Line amount);
  void mean_square(double* out, const double* in, int channel, std::size_t count);
  void update(const CompressorValues& values);

  double sample_rate_ = 0, highpass_hz_ = 0, rms_ms_ = 0, rms_coefficient_ = 1;
  bool filtering_ = false;
  std::array<dsp::Biquad<double>, maximum_channels> filter_ = filled();
  std::array<double, maximum_channels> power_{};
  std::vector<std::vector<double>> buffer_;

  static std::array<dsp::Biquad<double>, maximum_channels> filled();
};

} // namespace raphson::plugin
