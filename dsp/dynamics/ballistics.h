// Attack and release: a one-pole smoother of the gain whose coefficient depends on the direction (torchcomp;
// Giannoulis, Massberg, Reiss, JAES 2012, "branching"),
//   g <- (1 - c) g + c f,  c = attack if f < g, else release.
//
// Since f - g has the sign that chooses c, this is the lesser of the two candidates g + attack (f - g) and
// g + release (f - g) where attack >= release, and the greater where attack <= release, to the bit: a
// recursion in a hurry can compute both and take the minimum, with no comparison in its path. The choice
// written here holds for any pair, and gives Jets the derivative of the branch taken.
#pragma once

#include "dsp/math/elementary.h"

namespace raphson::dsp {

template <class S> class AttackRelease {
public:
  /// Coefficients in (0, 1] (dsp/units.h, coefficient_from_ms).
  AttackRelease(S attack, S release) : attack_(attack), release_(release) {}

  /// Takes new coefficients; the gain goes on from where it is.
  void set(S attack, S release) {
    attack_ = attack;
    release_ = release;
  }

  /// At rest the gain is 1.
  void reset(S gain = S(1.0)) { gain_ = gain; }

  S gain() const { return gain_; }
  S attack() const { return attack_; }
  S release() const { return release_; }

  /// The gain after g when the static curve asks for f.
  static RAPHSON_INLINE S step(S g, S f, S attack, S release) {
    using math::select;
    return g + select(f < g, attack, release) * (f - g);
  }

  RAPHSON_INLINE S operator()(S f) { return gain_ = step(gain_, f, attack_, release_); }

private:
  S attack_, release_, gain_ = S(1.0);
};

} // namespace raphson::dsp
