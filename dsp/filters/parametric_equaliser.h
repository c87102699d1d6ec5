// Four biquads in series: low shelf, two peaks, high shelf. Shelves have Q = 1/sqrt 2.
#pragma once

#include "dsp/chain/parameter.h"
#include "dsp/filters/biquad.h"

#include <array>
#include <numbers>
#include <span>

namespace raphson::dsp {

inline constexpr std::array<Parameter, 10> equaliser_parameters{{
    {"low_shelf_hz", "low shelf frequency", "Hz", 10, 1000, 60, Scale::logarithmic},
    {"low_shelf_db", "low shelf gain", "dB", -24, 24, 0, Scale::linear},
    {"peak1_hz", "peak 1 frequency", "Hz", 20, 4000, 250, Scale::logarithmic},
    {"peak1_db", "peak 1 gain", "dB", -24, 24, 0, Scale::linear},
    {"peak1_q", "peak 1 Q", "", 0.1, 10, 0.7, Scale::logarithmic},
    {"peak2_hz", "peak 2 frequency", "Hz", 200, 20000, 2500, Scale::logarithmic},
    {"peak2_db", "peak 2 gain", "dB", -24, 24, 0, Scale::linear},
    {"peak2_q", "peak 2 Q", "", 0.1, 10, 0.7, Scale::logarithmic},
    {"high_shelf_hz", "high shelf frequency", "Hz", 1000, 40000, 8000, Scale::logarithmic},
    {"high_shelf_db", "high shelf gain", "dB", -24, 24, 0, Scale::linear},
}};

template <class S> class ParametricEqualiser {
public:
  static constexpr std::span<const Parameter> parameters() { return equaliser_parameters; }

  /// values as in equaliser_parameters. Frequencies are held below 0.49 of the sample rate.
  ParametricEqualiser(std::span<const S> values, double sample_rate)
      : low_shelf_(
          low_shelf(held(values[0], sample_rate), values[1], S(std::numbers::sqrt2 / 2), sample_rate)),
        peak1_(peak(held(values[2], sample_rate), values[3], values[4], sample_rate)),
        peak2_(peak(held(values[5], sample_rate), values[6], values[7], sample_rate)),
        high_shelf_(
            high_shelf(held(values[8], sample_rate), values[9], S(std::numbers::sqrt2 / 2), sample_rate)) {}

  void reset() {
    low_shelf_.reset();
    peak1_.reset();
    peak2_.reset();
    high_shelf_.reset();
  }

  S operator()(S x) { return high_shelf_(peak2_(peak1_(low_shelf_(x)))); }

private:
  static S held(S frequency_hz, double sample_rate) {
    using math::min;
    return min(frequency_hz, S(0.49 * sample_rate));
  }

  Biquad<S> low_shelf_, peak1_, peak2_, high_shelf_;
};

} // namespace raphson::dsp
