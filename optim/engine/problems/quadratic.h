// A convex quadratic of given condition number, f = 1/2 (x - m)^T A (x - m), minimum 0 at m = (1, ..., n).
// The eigenvalues of A run from 1 to the condition number in equal ratios, along random orthogonal
// directions.
#pragma once

#include "optim/engine/types.h"

#include <cstdint>

namespace raphson::optim::problems {

class Quadratic {
public:
  // n >= 2, condition >= 1.
  Quadratic(Eigen::Index n, double condition, std::uint64_t seed = 0);

  Vector start() const { return Vector::Zero(minimum_.size()); }
  const Vector& minimum() const { return minimum_; }
  const Matrix& matrix() const { return a_; }

  double value(const Vector& x) const;
  double value_and_gradient(const Vector& x, Vector& gradient) const;
  double value_gradient_and_hessian(const Vector& x, Vector& gradient, Matrix& hessian) const;
  Vector hessian_product(const Vector& x, const Vector& v) const;
  void residuals_and_jacobian(const Vector& x, Vector& residuals, Matrix& jacobian) const;

private:
  Vector minimum_;
  Matrix root_; // J, with J^T J = A
  Matrix a_;
};

} // namespace raphson::optim::problems
