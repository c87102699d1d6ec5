#include "optim/engine/problems/quadratic.h"

#include "optim/engine/random.h"

#include <Eigen/QR>

#include <cmath>

namespace raphson::optim::problems {

Quadratic::Quadratic(Eigen::Index n, double condition, std::uint64_t seed)
    : minimum_(Vector::LinSpaced(n, 1, static_cast<double>(n))) {
  RandomStream random(seed, "quadratic");
  Matrix noise(n, n);
  for (double& entry : noise.reshaped()) entry = random.normal();
  const Matrix directions = noise.householderQr().householderQ();
  Vector roots(n);
  for (Eigen::Index i = 0; i < n; ++i)
    roots[i] = std::pow(condition, 0.5 * static_cast<double>(i) / static_cast<double>(n - 1));
  root_ = roots.asDiagonal() * directions.transpose();
  a_ = root_.transpose() * root_;
}

double Quadratic::value(const Vector& x) const { return 0.5 * (root_ * (x - minimum_)).squaredNorm(); }

double Quadratic::value_and_gradient(const Vector& x, Vector& gradient) const {
  gradient = a_ * (x - minimum_);
  return value(x);
}

double Quadratic::value_gradient_and_hessian(const Vector& x, Vector& gradient, Matrix& hessian) const {
  hessian = a_;
  return value_and_gradient(x, gradient);
}

Vector Quadratic::hessian_product(const Vector&, const Vector& v) const { return a_ * v; }

void Quadratic::residuals_and_jacobian(const Vector& x, Vector& residuals, Matrix& jacobian) const {
  residuals = root_ * (x - minimum_);
  jacobian = root_;
}

} // namespace raphson::optim::problems
