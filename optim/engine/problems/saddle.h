// A saddle between two minima, f = a^4 / 4 - a^2 / 2 + b^2 / 2: gradient zero and eigenvalues -1 and 1 at the
// origin, minima of value -1/4 at (-1, 0) and (1, 0).
#pragma once

#include "optim/engine/types.h"

namespace raphson::optim::problems {

struct Saddle {
  static Vector saddle_point() { return Vector::Zero(2); }
  static std::vector<Vector> minima() { return {Vector{{1.0, 0.0}}, Vector{{-1.0, 0.0}}}; }
  static constexpr double minimum_value = -0.25;

  double value(const Vector& x) const {
    const double a2 = x[0] * x[0];
    return 0.25 * a2 * a2 - 0.5 * a2 + 0.5 * x[1] * x[1];
  }
  double value_and_gradient(const Vector& x, Vector& gradient) const {
    gradient = Vector{{x[0] * x[0] * x[0] - x[0], x[1]}};
    return value(x);
  }
  double value_gradient_and_hessian(const Vector& x, Vector& gradient, Matrix& hessian) const {
    hessian = Matrix{{3 * x[0] * x[0] - 1, 0}, {0, 1}};
    return value_and_gradient(x, gradient);
  }
  Vector hessian_product(const Vector& x, const Vector& v) const {
    return Vector{{(3 * x[0] * x[0] - 1) * v[0], v[1]}};
  }
};

} // namespace raphson::optim::problems
