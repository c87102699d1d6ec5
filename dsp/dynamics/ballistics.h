// Attack and release: a one-pole smoother of the gain whose coefficient depends on the direction (torchcomp;
// Giannoulis, Massberg, Reiss, JAES 2012, "branching"),
//   g <- (1 - c) g + c f,  c = attack if f < g, else release.
#pragma once

#include "dsp/math/elementary.h"

namespace raphson::dsp {

template <class S> class AttackRelease {
public:
  /// Coefficients in (0, 1] (dsp/units.h, coefficient_from_ms).
  AttackRelease(S attack, S release) : attack_(attack), release_(release) {}

  /// At rest the gain is 1.
  void reset(S gain = S(1.0)) { gain_ = gain; }

  S operator()(S f) {
    using math::select;
    const S c = select(f < gain_, attack_, release_);
    gain_ = gain_ + c * (f - gain_);
    return gain_;
  }

private:
  S attack_, release_, gain_ = S(1.0);
};

} // namespace raphson::dsp
