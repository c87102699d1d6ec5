// What a compressor takes for the level of a signal. Both are held above 1e-8 (-160 dB), as in the published
// code, so that their logarithm is finite in silence.
#pragma once

#include "dsp/units.h"

namespace raphson::dsp {

inline constexpr double lowest_level = 1e-8;

/// |x|.
struct PeakDetector {
  template <class S> RAPHSON_INLINE S operator()(S x) const {
    using math::abs, math::max;
    return max(abs(x), constant<S>(lowest_level));
  }
};

/// sqrt(p), p <- p + c (x^2 - p), c from the averaging time (dsp/units.h, coefficient_from_ms).
template <class S> class RmsDetector {
public:
  explicit RmsDetector(S coefficient) : coefficient_(coefficient) {}
  void set(S coefficient) { coefficient_ = coefficient; }
  void reset() { power_ = S(0.0); }

  RAPHSON_INLINE S operator()(S x) {
    using math::max, math::sqrt;
    power_ = power_ + coefficient_ * (x * x - power_);
    return sqrt(max(power_, constant<S>(lowest_level * lowest_level)));
  }

private:
  S coefficient_, power_ = S(0.0);
};

} // namespace raphson::dsp
