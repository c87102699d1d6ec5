// Conjugate gradients for H x = b, H symmetric and known by its products alone.
//
//   const CgResult r = conjugate_gradients([&](const Vector& v) { return f.hessian_product(x, v); }, b,
//                                          {.relative_tolerance = 1e-8});
//
// Stops at the tolerance, at the limit, at the first direction whose curvature is not above its rounding
// error (H is then not positive definite), or before a step that would leave the box |x_i| <= box. Nocedal &
// Wright, Numerical Optimization, 2nd ed. 2006, algorithms 5.2 and 7.1.
#pragma once

#include "optim/engine/types.h"

#include <functional>
#include <limits>

namespace raphson::optim {

enum class CgEnd { converged, iteration_limit, negative_curvature, left_box };

struct CgOptions {
  int maximum_iterations = 0;        // 0: twice the number of unknowns
  double relative_tolerance = 1e-10; // on |b - H x| / |b|
  double box = std::numeric_limits<double>::infinity();
};

struct CgResult {
  Vector x;
  CgEnd end = CgEnd::iteration_limit;
  int iterations = 0;
  double residual_norm = 0; // |b - H x|, by recurrence
  Vector direction = {};    // along which it stopped early, uphill in the model nowhere
  double curvature = 0;     // direction^T H direction there

  bool converged() const { return end == CgEnd::converged; }
};

CgResult conjugate_gradients(const std::function<Vector(const Vector&)>& product, const Vector& b,
                             const CgOptions& options = {});

} // namespace raphson::optim
