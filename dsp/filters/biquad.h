// Second-order filters, y = (b0 + b1 z^-1 + b2 z^-2) / (1 + a1 z^-1 + a2 z^-2) x, in transposed direct form
// II, with the designs of R. Bristow-Johnson's Audio EQ Cookbook. The designs are formulas in S too, so that
// derivatives pass through them: frequency in Hz below half the sample rate, gain in dB, q above 0. In float
// the low frequencies lose digits (1 - cos w0): design in double and convert with as<float>().
#pragma once

#include "dsp/units.h"

#include <numbers>

namespace raphson::dsp {

template <class S> struct BiquadCoefficients {
  S b0, b1, b2, a1, a2;

  template <class To> BiquadCoefficients<To> as() const {
    return {static_cast<To>(b0), static_cast<To>(b1), static_cast<To>(b2), static_cast<To>(a1),
            static_cast<To>(a2)};
  }
};

template <class S> class Biquad {
public:
  explicit Biquad(const BiquadCoefficients<S>& coefficients) : c_(coefficients) {}
  /// Takes new coefficients; the state goes on.
  void set(const BiquadCoefficients<S>& coefficients) { c_ = coefficients; }
  void reset() { s1_ = s2_ = S(0.0); }

  RAPHSON_INLINE S operator()(S x) {
    const S y = c_.b0 * x + s1_;
    s1_ = c_.b1 * x - c_.a1 * y + s2_;
    s2_ = c_.b2 * x - c_.a2 * y;
    return y;
  }

private:
  BiquadCoefficients<S> c_;
  S s1_ = S(0.0), s2_ = S(0.0);
};

/// The cookbook's intermediate values: w0 = 2 pi f / rate, alpha = sin w0 / (2 Q), A = 10^(dB/40).
template <class S> struct Cookbook {
  S cosine, alpha;

  Cookbook(S frequency_hz, S q, double sample_rate) {
    using math::cos, math::sin;
    const S w0 = radians_per_sample(frequency_hz, sample_rate);
    cosine = cos(w0);
    alpha = sin(w0) / (S(2.0) * q);
  }
  static S amplitude(S gain_db) {
    using math::exp;
    return exp(gain_db * constant<S>(std::numbers::ln10 / 40));
  }
  static BiquadCoefficients<S> normalised(S b0, S b1, S b2, S a0, S a1, S a2) {
    const S scale = S(1.0) / a0;
    return {b0 * scale, b1 * scale, b2 * scale, a1 * scale, a2 * scale};
  }
};

template <class S> BiquadCoefficients<S> low_pass(S frequency_hz, S q, double sample_rate) {
  const Cookbook<S> k(frequency_hz, q, sample_rate);
  const S one(1.0), b1 = one - k.cosine;
  return k.normalised(S(0.5) * b1, b1, S(0.5) * b1, one + k.alpha, S(-2.0) * k.cosine, one - k.alpha);
}

template <class S> BiquadCoefficients<S> high_pass(S frequency_hz, S q, double sample_rate) {
  const Cookbook<S> k(frequency_hz, q, sample_rate);
  const S one(1.0), b1 = one + k.cosine;
  return k.normalised(S(0.5) * b1, -b1, S(0.5) * b1, one + k.alpha, S(-2.0) * k.cosine, one - k.alpha);
}

/// Peak gain 0 dB.
template <class S> BiquadCoefficients<S> band_pass(S frequency_hz, S q, double sample_rate) {
  const Cookbook<S> k(frequency_hz, q, sample_rate);
  const S one(1.0);
  return k.normalised(k.alpha, S(0.0), -k.alpha, one + k.alpha, S(-2.0) * k.cosine, one - k.alpha);
}

template <class S> BiquadCoefficients<S> notch(S frequency_hz, S q, double sample_rate) {
  const Cookbook<S> k(frequency_hz, q, sample_rate);
  const S one(1.0), b1 = S(-2.0) * k.cosine;
  return k.normalised(one, b1, one, one + k.alpha, b1, one - k.alpha);
}

template <class S> BiquadCoefficients<S> all_pass(S frequency_hz, S q, double sample_rate) {
  const Cookbook<S> k(frequency_hz, q, sample_rate);
  const S one(1.0), b1 = S(-2.0) * k.cosine;
  return k.normalised(one - k.alpha, b1, one + k.alpha, one + k.alpha, b1, one - k.alpha);
}

template <class S> BiquadCoefficients<S> peak(S frequency_hz, S gain_db, S q, double sample_rate) {
  const Cookbook<S> k(frequency_hz, q, sample_rate);
  const S one(1.0), a = k.amplitude(gain_db), b1 = S(-2.0) * k.cosine;
  return k.normalised(one + k.alpha * a, b1, one - k.alpha * a, one + k.alpha / a, b1, one - k.alpha / a);
}

namespace detail {

/// Low shelf for sign +1, high shelf for -1.
template <class S>
BiquadCoefficients<S> shelf(S frequency_hz, S gain_db, S q, double sample_rate, double sign_value) {
  using math::sqrt;
  const Cookbook<S> k(frequency_hz, q, sample_rate);
  const S two(2.0), one(1.0), sign = constant<S>(sign_value), a = k.amplitude(gain_db);
  const S up = a + one, down = a - one, width = two * sqrt(a) * k.alpha, c = sign * k.cosine;
  return k.normalised(a * (up - down * c + width), sign * two * a * (down - up * c),
                      a * (up - down * c - width), up + down * c + width, -sign * two * (down + up * c),
                      up + down * c - width);
}

} // namespace detail

template <class S> BiquadCoefficients<S> low_shelf(S frequency_hz, S gain_db, S q, double sample_rate) {
  return detail::shelf(frequency_hz, gain_db, q, sample_rate, 1.0);
}

template <class S> BiquadCoefficients<S> high_shelf(S frequency_hz, S gain_db, S q, double sample_rate) {
  return detail::shelf(frequency_hz, gain_db, q, sample_rate, -1.0);
}

} // namespace raphson::dsp
