// Penalties by their value and their proximal operator, in place: x <- argmin_z 1/2 |z - x|^2 + step * h(z).
#pragma once

#include "optim/engine/projections.h"

#include <cmath>
#include <functional>

namespace raphson::optim {

struct Penalty {
  std::function<double(const Vector& x)> value = {};
  std::function<void(Vector& x, double step)> proximal = {};
};

/// sign(x) max(|x| - threshold, 0).
inline double soft_threshold(double x, double threshold) {
  return std::copysign(std::max(std::abs(x) - threshold, 0.0), x);
}

/// l1 |x|_1 + l2/2 |x|^2 on the first `count` coordinates (below 0: on all); an intercept comes last.
Penalty elastic_net_penalty(double l1, double l2 = 0, Eigen::Index count = -1);

/// 0 within a convex set, infinite outside, by the projection onto it.
Penalty constraint(std::function<void(Vector&)> projection);

} // namespace raphson::optim
