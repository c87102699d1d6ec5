// What a compressor makes of a level that stays: the gain reduction R in dB, the level lying u dB above the
// threshold and s = 1 - 1/ratio, for feedback ratio - 1 (gain_curve.h; Giannoulis, Massberg, Reiss, JAES
// 2012, eqs. 4 and 5).
//
//   feed-forward   R = s overshoot(u)
//   feedback       R = s overshoot(u - R), since the detector hears what the gain has left:
//                  s u / (1 + s) above the knee, and within it, of width w, with a = u - R + w/2,
//                  s/(2 w) a^2 + a = u + w/2
//
// Whatever attack and release smooth has settled at such a level, so that the other arrangements of the
// taxonomy are alike.
#pragma once

#include "dsp/dynamics/dynamics_structure.h"
#include "dsp/dynamics/gain_curve.h"

#include <algorithm>
#include <cmath>
#include <span>

namespace raphson::dsp {

struct StaticCurve {
  double threshold_db, ratio, knee_db, makeup_db;
  Topology topology = Topology::feedforward;

  /// values as in compressor_parameters.
  static StaticCurve of_compressor(std::span<const double> values) {
    return {values[0], values[1], values[5], values[4]};
  }
  /// values as in dynamics_parameters.
  static StaticCurve of_dynamics(const DynamicsStructure& structure, std::span<const double> values) {
    return {values[0], values[1], values[2], values[5], structure.topology};
  }

  /// At least 0; make-up apart.
  double reduction_db(double level_db) const {
    const double u = level_db - threshold_db;
    const double slope = topology == Topology::feedback ? ratio - 1 : 1 - 1 / ratio;
    if (topology == Topology::feedforward)
      return slope * (knee_db > 0 ? SoftKnee<double>{knee_db}.overshoot(u) : HardKnee{}.overshoot(u));
    const double above = slope * std::max(u, 0.0) / (1 + slope);
    if (knee_db <= 0) return above;
    const double c = u + 0.5 * knee_db;
    if (c <= 0) return 0;
    const double a = 2 * c / (1 + std::sqrt(1 + 2 * slope * c / knee_db));
    return a > knee_db ? above : c - a;
  }

  double output_db(double level_db) const { return level_db - reduction_db(level_db) + makeup_db; }
};

} // namespace raphson::dsp
