// Euclidean projections onto convex sets, in place: what projected gradient and the projection of first-order
// solvers need.
//
//   FirstOrderOptions{.rule = ..., .projection = Box::of(n, -1, 1)}
#pragma once

#include "optim/engine/types.h"

namespace raphson::optim {

/// low <= x <= high, coordinate by coordinate; infinite bounds are none.
struct Box {
  Vector low, high;

  static Box of(Eigen::Index n, double low, double high) {
    return {Vector::Constant(n, low), Vector::Constant(n, high)};
  }
  void operator()(Vector& x) const { x = x.cwiseMax(low).cwiseMin(high); }
};

/// x >= 0 with sum x = total > 0. J. Duchi, S. Shalev-Shwartz, Y. Singer & T. Chandra, ICML 2008; O(n log n).
struct Simplex {
  double total = 1;
  void operator()(Vector& x) const;
};

/// |x - centre| <= radius, Euclidean; an empty centre is the origin.
struct Ball {
  double radius = 1;
  Vector centre = {};
  void operator()(Vector& x) const;
};

} // namespace raphson::optim
