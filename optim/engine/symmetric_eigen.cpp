#include "optim/engine/symmetric_eigen.h"

#include "optim/engine/random.h"

#include <cmath>
#include <stdexcept>

namespace raphson::optim {

template <class Scalar> using Square = Eigen::Matrix<Scalar, Eigen::Dynamic, Eigen::Dynamic>;

template <class Scalar>
bool eigenvectors_by_falling_value(const Square<Scalar>& matrix, Square<Scalar>& vectors,
                                   Eigen::SelfAdjointEigenSolver<Square<Scalar>>& solver) {
  if (!matrix.allFinite()) return false;
  solver.compute(matrix);
  if (solver.info() != Eigen::Success || !solver.eigenvectors().allFinite()) return false;
  vectors = solver.eigenvectors().rowwise().reverse();
  return true;
}
template bool eigenvectors_by_falling_value(const Square<float>&, Square<float>&,
                                            Eigen::SelfAdjointEigenSolver<Square<float>>&);
template bool eigenvectors_by_falling_value(const Square<double>&, Square<double>&,
                                            Eigen::SelfAdjointEigenSolver<Square<double>>&);

template <class Scalar>
bool symmetric_power(const Square<Scalar>& matrix, double power, double damping, Square<Scalar>& result) {
  Square<Scalar> vectors;
  Eigen::SelfAdjointEigenSolver<Square<Scalar>> solver;
  if (!eigenvectors_by_falling_value(matrix, vectors, solver)) return false;
  const auto values = solver.eigenvalues().reverse().array().max(Scalar(0)).eval();
  if (!(values[0] > 0)) {
    result.setZero(matrix.rows(), matrix.cols());
    return true;
  }
  const auto powers =
      (values + static_cast<Scalar>(damping) * values[0]).pow(static_cast<Scalar>(power)).eval();
  result.noalias() = vectors * powers.matrix().asDiagonal() * vectors.transpose();
  return true;
}
template bool symmetric_power(const Square<float>&, double, double, Square<float>&);
template bool symmetric_power(const Square<double>&, double, double, Square<double>&);

Matrix symmetric_square_root(const Matrix& matrix) {
  Matrix root;
  if (!symmetric_power(matrix, 0.5, 0.0, root))
    throw std::runtime_error(
        "square root of a matrix: it is not finite, or its eigenvalues did not converge");
  return root;
}

double dominant_eigenvalue(const std::function<Vector(const Vector&)>& product, Eigen::Index n,
                           const PowerIterationOptions& options) {
  RandomStream random(options.seed, "power iteration");
  Vector x(n);
  for (double& entry : x) entry = random.normal();
  x.normalize();
  double value = 0;
  for (int k = 0; k < options.maximum_iterations; ++k) {
    Vector next = product(x);
    const double before = value, length = next.norm();
    value = x.dot(next);
    if (!(length > 0) || !std::isfinite(length)) return value;
    if (k > 0 && std::abs(value - before) <= options.tolerance * std::abs(value)) return value;
    x = next / length;
  }
  return value;
}

} // namespace raphson::optim
