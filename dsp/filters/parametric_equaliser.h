// Four biquads in series: low shelf, two peaks, high shelf; and a gain. Shelves have Q = 1/sqrt 2.
#pragma once

#include "dsp/chain/parameter.h"
#include "dsp/filters/biquad.h"
#include "dsp/units.h"

#include <array>
#include <numbers>
#include <span>

namespace raphson::dsp {

inline constexpr std::array<Parameter, 11> equaliser_parameters{{
    {"low_shelf_hz", "low shelf frequency", "Hz", 15, 1000, 60, Scale::logarithmic},
    {"low_shelf_db", "low shelf gain", "dB", -18, 18, 0, Scale::linear},
    {"peak1_hz", "peak 1 frequency", "Hz", 20, 4000, 250, Scale::logarithmic},
    {"peak1_db", "peak 1 gain", "dB", -18, 18, 0, Scale::linear},
    {"peak1_q", "peak 1 Q", "", 0.2, 5, 0.7, Scale::logarithmic},
    {"peak2_hz", "peak 2 frequency", "Hz", 200, 16000, 2500, Scale::logarithmic},
    {"peak2_db", "peak 2 gain", "dB", -18, 18, 0, Scale::linear},
    {"peak2_q", "peak 2 Q", "", 0.2, 5, 0.7, Scale::logarithmic},
    {"high_shelf_hz", "high shelf frequency", "Hz", 1000, 20000, 8000, Scale::logarithmic},
    {"high_shelf_db", "high shelf gain", "dB", -18, 18, 0, Scale::linear},
    {"gain_db", "gain", "dB", -60, 60, 0, Scale::linear},
}};

template <class S> class ParametricEqualiser {
public:
  using Values = std::span<const S>; ///< as in equaliser_parameters

  static constexpr std::span<const Parameter> parameters() { return equaliser_parameters; }

  /// Frequencies are held below 0.49 of the sample rate.
  ParametricEqualiser(Values values, double sample_rate)
      : low_shelf_(low_shelf_of(values, sample_rate)), peak1_(peak_of(values.subspan(2), sample_rate)),
        peak2_(peak_of(values.subspan(5), sample_rate)), high_shelf_(high_shelf_of(values, sample_rate)),
        gain_(db_to_gain(values[10])) {}

  /// Other values without touching the state.
  void set(Values values, double sample_rate) {
    low_shelf_.set(low_shelf_of(values, sample_rate));
    peak1_.set(peak_of(values.subspan(2), sample_rate));
    peak2_.set(peak_of(values.subspan(5), sample_rate));
    high_shelf_.set(high_shelf_of(values, sample_rate));
    gain_ = db_to_gain(values[10]);
  }

  void reset() {
    low_shelf_.reset();
    peak1_.reset();
    peak2_.reset();
    high_shelf_.reset();
  }

  /// The four filters that these values make, in the order in which they stand.
  static std::array<BiquadCoefficients<S>, 4> sections(Values values, double sample_rate) {
    return {low_shelf_of(values, sample_rate), peak_of(values.subspan(2), sample_rate),
            peak_of(values.subspan(5), sample_rate), high_shelf_of(values, sample_rate)};
  }

  S operator()(S x) { return gain_ * high_shelf_(peak2_(peak1_(low_shelf_(x)))); }

  void process(std::span<S> audio) {
    for (S& x : audio) x = (*this)(x);
  }

private:
  static S held(S frequency_hz, double sample_rate) {
    using math::min;
    return min(frequency_hz, constant<S>(0.49 * sample_rate));
  }
  static BiquadCoefficients<S> low_shelf_of(Values v, double sample_rate) {
    return low_shelf(held(v[0], sample_rate), v[1], constant<S>(shelf_q), sample_rate);
  }
  static BiquadCoefficients<S> peak_of(Values v, double sample_rate) {
    return peak(held(v[0], sample_rate), v[1], v[2], sample_rate);
  }
  static BiquadCoefficients<S> high_shelf_of(Values v, double sample_rate) {
    return high_shelf(held(v[8], sample_rate), v[9], constant<S>(shelf_q), sample_rate);
  }

  static constexpr double shelf_q = std::numbers::sqrt2 / 2;

  Biquad<S> low_shelf_, peak1_, peak2_, high_shelf_;
  S gain_;
};

} // namespace raphson::dsp
