// The state-variable filter by the trapezoidal rule (A. Simper, "Solving the continuous SVF equations using
// trapezoidal integration and equivalent currents", Cytomic 2013). With g = tan(pi f / rate) and k = 1/Q, its
// three outputs are those of the analog prototype, s taken in units of 2 pi f and warped by the bilinear
// transform:
//   low 1 / D,  band s / D,  high s^2 / D,  D = s^2 + k s + 1,
// and y = m0 x + m1 band + m2 low gives every other shape. Each has the transfer function of the biquad of
// the same name and values; this form stays well-behaved while its parameters move, and in float at low
// frequencies.
#pragma once

#include "dsp/units.h"

namespace raphson::dsp {

/// A shape at a frequency in Hz below half the sample rate, q above 0, gain in dB.
template <class S> struct StateVariableCoefficients {
  S g, k, m0, m1, m2;

  static StateVariableCoefficients low_pass(S frequency_hz, S q, double sample_rate) {
    return {warped(frequency_hz, sample_rate), S(1.0) / q, S(0.0), S(0.0), S(1.0)};
  }
  static StateVariableCoefficients high_pass(S frequency_hz, S q, double sample_rate) {
    const S k = S(1.0) / q;
    return {warped(frequency_hz, sample_rate), k, S(1.0), -k, S(-1.0)};
  }
  /// Peak gain 0 dB.
  static StateVariableCoefficients band_pass(S frequency_hz, S q, double sample_rate) {
    const S k = S(1.0) / q;
    return {warped(frequency_hz, sample_rate), k, S(0.0), k, S(0.0)};
  }
  static StateVariableCoefficients notch(S frequency_hz, S q, double sample_rate) {
    const S k = S(1.0) / q;
    return {warped(frequency_hz, sample_rate), k, S(1.0), -k, S(0.0)};
  }
  static StateVariableCoefficients all_pass(S frequency_hz, S q, double sample_rate) {
    const S k = S(1.0) / q;
    return {warped(frequency_hz, sample_rate), k, S(1.0), S(-2.0) * k, S(0.0)};
  }
  static StateVariableCoefficients peak(S frequency_hz, S gain_db, S q, double sample_rate) {
    const S a = amplitude(gain_db), k = S(1.0) / (q * a);
    return {warped(frequency_hz, sample_rate), k, S(1.0), k * (a * a - S(1.0)), S(0.0)};
  }
  static StateVariableCoefficients low_shelf(S frequency_hz, S gain_db, S q, double sample_rate) {
    using math::sqrt;
    const S a = amplitude(gain_db), k = S(1.0) / q;
    return {warped(frequency_hz, sample_rate) / sqrt(a), k, S(1.0), k * (a - S(1.0)), a * a - S(1.0)};
  }
  static StateVariableCoefficients high_shelf(S frequency_hz, S gain_db, S q, double sample_rate) {
    using math::sqrt;
    const S a = amplitude(gain_db), k = S(1.0) / q;
    return {warped(frequency_hz, sample_rate) * sqrt(a), k, a * a, k * (S(1.0) - a) * a, S(1.0) - a * a};
  }

private:
  static S warped(S frequency_hz, double sample_rate) {
    using math::tan;
    return tan(S(0.5) * radians_per_sample(frequency_hz, sample_rate));
  }
  /// The square root of the gain, as in the biquads.
  static S amplitude(S gain_db) { return db_to_gain(S(0.5) * gain_db); }
};

template <class S> class StateVariable {
public:
  explicit StateVariable(const StateVariableCoefficients<S>& c) : c_(c) { set(c); }

  /// Takes new coefficients; the state goes on.
  void set(const StateVariableCoefficients<S>& c) {
    c_ = c;
    a1_ = S(1.0) / (S(1.0) + c.g * (c.g + c.k));
    a2_ = c.g * a1_;
    a3_ = c.g * a2_;
  }
  void reset() { band_state_ = low_state_ = S(0.0); }

  RAPHSON_INLINE S operator()(S x) {
    const S rest = x - low_state_;
    const S band = a1_ * band_state_ + a2_ * rest;
    const S low = low_state_ + a2_ * band_state_ + a3_ * rest;
    band_state_ = S(2.0) * band - band_state_;
    low_state_ = S(2.0) * low - low_state_;
    return c_.m0 * x + c_.m1 * band + c_.m2 * low;
  }

private:
  StateVariableCoefficients<S> c_;
  S a1_, a2_, a3_, band_state_ = S(0.0), low_state_ = S(0.0);
};

} // namespace raphson::dsp
