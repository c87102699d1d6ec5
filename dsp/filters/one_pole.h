// One-pole low-pass, y <- y + c (x - y): the smoother of levels, gains and parameters. Impulse response
// c (1 - c)^n, gain 1 at 0 Hz.
#pragma once

#include "dsp/units.h"

namespace raphson::dsp {

/// The coefficient whose pole is that of the analog one, 1 - exp(-2 pi f / sample_rate): both decay alike,
/// and the gain at f is -3 dB as long as f is far below half the sample rate. For a rise time in ms instead:
/// coefficient_from_ms.
template <class S> S coefficient_from_hz(S frequency_hz, double sample_rate) {
  using math::exp;
  return S(1.0) - exp(-radians_per_sample(frequency_hz, sample_rate));
}

template <class S> class OnePole {
public:
  /// Coefficient in (0, 1]; 1 lets everything through.
  explicit OnePole(S coefficient) : coefficient_(coefficient) {}
  void set(S coefficient) { coefficient_ = coefficient; }
  void reset(S value = S(0.0)) { value_ = value; }

  S value() const { return value_; }

  RAPHSON_INLINE S operator()(S x) { return value_ = value_ + coefficient_ * (x - value_); }

private:
  S coefficient_, value_ = S(0.0);
};

} // namespace raphson::dsp
