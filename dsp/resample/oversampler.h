// Two or four times the sample rate and back, for what makes frequencies that its own rate cannot hold: half
// bands in series. The outer one passes up to 0.454 of the sample rate (20.0 kHz at 44.1 kHz), up and down
// again to within 4e-4 dB, and takes what would alias there 100 dB down; the inner one, whose transition may
// take the octave above, is a third as long.
#pragma once

#include "dsp/resample/half_band.h"

#include <array>
#include <cstddef>
#include <vector>

namespace raphson::dsp {

/// One channel.
class Oversampler {
public:
  static constexpr std::size_t maximum_factor = 4;

  /// Samples that up and down together are late, at the lower rate.
  static constexpr std::size_t latency_samples(std::size_t factor) {
    return factor == 1 ? 0 : factor == 2 ? 2 * outer : 2 * outer + inner;
  }

  /// For blocks of up to `maximum` samples of the lower rate. Allocates.
  void prepare(std::size_t maximum) {
    up_[0].prepare(maximum);
    up_[1].prepare(2 * maximum);
    down_[0].prepare(maximum);
    down_[1].prepare(2 * maximum);
    twice_.assign(2 * maximum, 0.0);
  }

  void reset() {
    for (auto& stage : up_) stage.reset();
    for (auto& stage : down_) stage.reset();
  }

  /// factor * count samples out of count. factor is 2 or 4 and changes only with a reset().
  void up(std::size_t factor, const double* in, std::size_t count, double* out) {
    if (factor == 2) return up_[0].process(in, count, out);
    up_[0].process(in, count, twice_.data());
    up_[1].process(twice_.data(), 2 * count, out);
  }

  /// count samples out of factor * count.
  void down(std::size_t factor, const double* in, std::size_t count, double* out) {
    if (factor == 2) return down_[0].process(in, count, out);
    down_[1].process(in, 2 * count, twice_.data());
    down_[0].process(twice_.data(), count, out);
  }

private:
  static constexpr std::size_t outer = 36, inner = 12;

  std::array<HalfBandUpsampler, 2> up_{HalfBandUpsampler(outer), HalfBandUpsampler(inner)};
  std::array<HalfBandDownsampler, 2> down_{HalfBandDownsampler(outer), HalfBandDownsampler(inner)};
  std::vector<double> twice_;
};

} // namespace raphson::dsp
