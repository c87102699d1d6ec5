// First-order high-passes with a zero at 0 Hz.
//
//   PreEmphasis  H(z) = (1 - z^-1) / (1 - p z^-1), p = 0.995 by default: both recordings of a match pass
//   through
//                it before they are compared (Yu & Fazekas, AES AIMLA 2025), so that bass does not rule the
//                error.
//   DcBlock      the bilinear transform of s / (s + w_c): exactly -3 dB at its corner, gain 1 at the top.
#pragma once

#include "dsp/units.h"

namespace raphson::dsp {

template <class S> class PreEmphasis {
public:
  /// Pole in [0, 1); 1 would let everything through but what came before.
  explicit PreEmphasis(S pole = constant<S>(0.995)) : pole_(pole) {}
  void set(S pole) { pole_ = pole; }
  void reset() { x_ = y_ = S(0.0); }

  RAPHSON_INLINE S operator()(S x) {
    y_ = x - x_ + pole_ * y_;
    x_ = x;
    return y_;
  }

private:
  S pole_, x_ = S(0.0), y_ = S(0.0);
};

template <class S> class DcBlock {
public:
  /// Corner below half the sample rate.
  DcBlock(S corner_hz, double sample_rate) { set(corner_hz, sample_rate); }

  void set(S corner_hz, double sample_rate) {
    using math::tan;
    const S t = tan(S(0.5) * radians_per_sample(corner_hz, sample_rate));
    scale_ = S(1.0) / (S(1.0) + t);
    filter_.set((S(1.0) - t) * scale_);
  }
  void reset() { filter_.reset(); }

  RAPHSON_INLINE S operator()(S x) { return filter_(scale_ * x); }

private:
  S scale_;
  PreEmphasis<S> filter_;
};

} // namespace raphson::dsp
