#include "optim/engine/conjugate_gradients.h"

#include <cmath>

namespace raphson::optim {

CgResult conjugate_gradients(const std::function<Vector(const Vector&)>& product, const Vector& b,
                             const CgOptions& o) {
  const auto n = b.size();
  const double tolerance = o.relative_tolerance * b.norm();
  const int limit = o.maximum_iterations > 0 ? o.maximum_iterations : 2 * static_cast<int>(n);
  CgResult r{.x = Vector::Zero(n), .residual_norm = b.norm()};
  Vector residual = -b, p = b; // H x - b
  double squared = residual.squaredNorm();
  if (squared == 0) r.end = CgEnd::converged;
  for (; r.end == CgEnd::iteration_limit && r.iterations < limit; ++r.iterations) {
    const Vector hp = product(p);
    const double curvature = p.dot(hp);
    // Curvature below rounding is negative curvature; so is NaN.
    const bool curved = curvature > 1e-15 * p.norm() * hp.norm();
    const double alpha = squared / curvature;
    if (!curved || (r.x + alpha * p).lpNorm<Eigen::Infinity>() > o.box) {
      r.end = curved ? CgEnd::left_box : CgEnd::negative_curvature;
      r.direction = std::move(p);
      r.curvature = curvature;
      return r;
    }
    r.x += alpha * p;
    residual += alpha * hp;
    const double next = residual.squaredNorm();
    r.residual_norm = std::sqrt(next);
    if (r.residual_norm <= tolerance) r.end = CgEnd::converged;
    p = -residual + (next / squared) * p;
    squared = next;
  }
  return r;
}

} // namespace raphson::optim
