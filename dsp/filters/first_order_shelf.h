// A low shelf of first order, the side-chain's filter: gain A at 0 Hz, 1 at half the sample rate, the
// bilinear transform of H(s) = (s + A w) / (s + w):
//
//   y = b0 x + b1 x[-1] - a1 y[-1],  k = tan(pi f / rate):
//   b0 = (1 + A k) / (1 + k),  b1 = (A k - 1) / (1 + k),  a1 = (k - 1) / (1 + k)
//
// With A towards 0 it is a high-pass.
#pragma once

#include "dsp/units.h"

#include <numbers>

namespace raphson::dsp {

template <class S> class FirstOrderLowShelf {
public:
  /// frequency_hz is held below 0.49 of the sample rate.
  FirstOrderLowShelf(S frequency_hz, S low_gain_db, double sample_rate) {
    using math::min, math::tan;
    const S f = min(frequency_hz, constant<S>(0.49 * sample_rate));
    const S k = tan(f * constant<S>(std::numbers::pi / sample_rate)), a = db_to_gain(low_gain_db) * k;
    const S scale = S(1.0) / (S(1.0) + k);
    b0_ = (S(1.0) + a) * scale;
    b1_ = (a - S(1.0)) * scale;
    a1_ = (k - S(1.0)) * scale;
  }

  void reset() { state_ = S(0.0); }

  /// Other coefficients; the state goes on.
  void set(const FirstOrderLowShelf& other) {
    b0_ = other.b0_;
    b1_ = other.b1_;
    a1_ = other.a1_;
  }

  RAPHSON_INLINE S operator()(S x) {
    const S y = b0_ * x + state_;
    state_ = b1_ * x - a1_ * y;
    return y;
  }

private:
  S b0_, b1_, a1_, state_ = S(0.0);
};

} // namespace raphson::dsp
