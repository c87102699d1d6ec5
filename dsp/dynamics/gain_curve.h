// Static curves of a compressor (Giannoulis, Massberg, Reiss, JAES 2012, eq. 4), in nepers: the level lies
// u = ln(level / threshold) above the threshold, of which overshoot(u) counts, and the gain is
//   f = exp(-s overshoot(u)),  s = 1 - 1/ratio.
#pragma once

#include "dsp/math/elementary.h"

namespace raphson::dsp {

/// overshoot = max(u, 0).
struct HardKnee {
  template <class S> RAPHSON_INLINE S overshoot(S u) const {
    using math::max;
    return max(u, S(0.0));
  }
  template <class S> RAPHSON_INLINE S gain(S u, S slope) const {
    using math::exp;
    return exp(-slope * overshoot(u));
  }
};

/// A parabola between -w/2 and w/2: overshoot = (u + w/2)^2 / (2 w) there, 0 below and u above. `width` is w
/// in nepers (decibels times nepers_per_db), above 0.
template <class S> struct SoftKnee {
  S width;

  RAPHSON_INLINE S overshoot(S u) const {
    using math::max, math::min;
    const S half = S(0.5) * width;
    const S inside = min(max(u + half, S(0.0)), width);
    return inside * inside / (S(2.0) * width) + max(u - half, S(0.0));
  }
  RAPHSON_INLINE S gain(S u, S slope) const {
    using math::exp;
    return exp(-slope * overshoot(u));
  }
};

} // namespace raphson::dsp
