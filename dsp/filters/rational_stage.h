// An arbitrary linear stage of up to order eight, as a block of a chain: a direct gain and four sections of
// second order in parallel, of which those with both gains at 0 are off,
//   H = direct + sum_j (band_j BP_j + low_j LP_j),
// BP and LP the band-pass and low-pass of biquad.h at the section's frequency and Q. With them and a constant
// every numerator of second order can be written, so that this is every rational transfer function of that
// order (but double poles): a Q below 1/2 is two real poles. It runs as RationalFilter does.
//
// What the bilinear transform makes of the same values bends towards half the sample rate, at another rate
// elsewhere. Values that were fitted at one rate therefore stand for the response that they had there; at
// another the filter is moved (move_to_rate(), rational_conversions.h).
#pragma once

#include "dsp/chain/parameter.h"
#include "dsp/filters/biquad.h"
#include "dsp/filters/rational.h"
#include "dsp/filters/rational_conversions.h"

#include <array>
#include <concepts>
#include <span>

namespace raphson::dsp {

inline constexpr std::array<Parameter, 17> rational_parameters{{
    {"direct", "direct gain", "", -8, 8, 1, Scale::linear},
    {"section1_hz", "section 1 frequency", "Hz", 5, 20000, 100, Scale::logarithmic},
    {"section1_q", "section 1 Q", "", 0.005, 30, 0.5, Scale::logarithmic},
    {"section1_band", "section 1 band-pass", "", -100, 100, 0, Scale::linear},
    {"section1_low", "section 1 low-pass", "", -100, 100, 0, Scale::linear},
    {"section2_hz", "section 2 frequency", "Hz", 5, 20000, 3000, Scale::logarithmic},
    {"section2_q", "section 2 Q", "", 0.005, 30, 0.5, Scale::logarithmic},
    {"section2_band", "section 2 band-pass", "", -100, 100, 0, Scale::linear},
    {"section2_low", "section 2 low-pass", "", -100, 100, 0, Scale::linear},
    {"section3_hz", "section 3 frequency", "Hz", 5, 20000, 400, Scale::logarithmic},
    {"section3_q", "section 3 Q", "", 0.005, 30, 0.5, Scale::logarithmic},
    {"section3_band", "section 3 band-pass", "", -100, 100, 0, Scale::linear},
    {"section3_low", "section 3 low-pass", "", -100, 100, 0, Scale::linear},
    {"section4_hz", "section 4 frequency", "Hz", 5, 20000, 8000, Scale::logarithmic},
    {"section4_q", "section 4 Q", "", 0.005, 30, 0.5, Scale::logarithmic},
    {"section4_band", "section 4 band-pass", "", -100, 100, 0, Scale::linear},
    {"section4_low", "section 4 low-pass", "", -100, 100, 0, Scale::linear},
}};

template <class S> class RationalStage {
public:
  static constexpr std::size_t sections = 4;
  using Values = std::span<const S>; ///< as in rational_parameters

  static constexpr std::span<const Parameter> parameters() { return rational_parameters; }

  /// Frequencies are held below 0.49 of the sample rate. fitted_rate: what the values are for, the sample
  /// rate where it is 0; a fit is made at its own.
  RationalStage(Values values, double sample_rate, double fitted_rate = 0) {
    set(values, sample_rate, fitted_rate);
  }

  /// Other values without touching the state.
  void set(Values values, double sample_rate, double fitted_rate = 0) {
    const double designed_at = fitted_rate > 0 ? fitted_rate : sample_rate;
    h0_ = values[0];
    for (std::size_t j = 0; j < sections; ++j) {
      S more = S(0.0);
      sections_[j] = section_of(values.subspan(1 + 4 * j), designed_at, more);
      h0_ += more;
    }
    running_ = sections;
    if constexpr (std::same_as<S, double>)
      if (designed_at != sample_rate) {
        move_to_rate(h0_, sections_, designed_at, sample_rate);
        running_ = sections + 1;
      }
  }

  S direct() const { return h0_; }
  std::span<const RationalSection<S>> coefficients() const { return std::span(sections_).first(running_); }

  /// Those of a stage at the same rate; the state goes on.
  void take_coefficients(const RationalStage& other) {
    h0_ = other.h0_;
    sections_ = other.sections_;
    running_ = other.running_;
  }

  void reset() {
    for (RationalState<S>& s : state_) s = {};
  }

  RAPHSON_INLINE S operator()(S u) {
    S y = h0_ * u;
    for (std::size_t j = 0; j < running_; ++j) y += state_[j].step(sections_[j], u);
    return y;
  }

  void process(std::span<S> audio) {
    for (S& x : audio) x = (*this)(x);
  }

private:
  /// b / a = b0 + ((b1 - b0 a1) z^-1 + (b2 - b0 a2) z^-2) / a; b0 is added to the direct gain.
  static RationalSection<S> section_of(Values v, double sample_rate, S& direct) {
    using math::min;
    const S hz = min(v[0], constant<S>(0.49 * sample_rate));
    const BiquadCoefficients<S> band = band_pass(hz, v[1], sample_rate),
                                low = low_pass(hz, v[1], sample_rate);
    const S b0 = v[2] * band.b0 + v[3] * low.b0, b1 = v[3] * low.b1, b2 = v[2] * band.b2 + v[3] * low.b2;
    direct = b0;
    return {band.a1, band.a2, b1 - b0 * band.a1, b2 - b0 * band.a2};
  }

  S h0_;
  std::array<RationalSection<S>, sections + 1>
      sections_; ///< the last: two taps, at another rate than the fit's
  std::array<RationalState<S>, sections + 1> state_;
  std::size_t running_ = sections;
};

} // namespace raphson::dsp
