#include "optim/match/standard_errors.h"

#include <Eigen/Eigenvalues>

#include <algorithm>
#include <cmath>
#include <limits>

namespace raphson::optim::match {
namespace {

constexpr double flat_eigenvalue =
    1e-10;                        // of the loss in units of the target's energy: no noise floor lies below
constexpr double involved = 0.05; // share of a flat direction that makes a parameter undetermined

} // namespace

Vector sandwich_errors(const Matrix& hessian, const Matrix& block_gradients) {
  const Eigen::Index n = hessian.rows(), blocks = block_gradients.cols();
  const Eigen::SelfAdjointEigenSolver<Matrix> eigen(hessian);
  const Matrix& v = eigen.eigenvectors();
  const double correction =
      static_cast<double>(blocks) / static_cast<double>(std::max<Eigen::Index>(blocks - n, 1));

  Matrix inverse = Matrix::Zero(n, n);
  Vector flat = Vector::Zero(n);
  for (Eigen::Index k = 0; k < n; ++k) {
    const double eigenvalue = eigen.eigenvalues()[k];
    if (eigenvalue > flat_eigenvalue)
      inverse += v.col(k) * v.col(k).transpose() / eigenvalue;
    else
      flat += v.col(k).cwiseAbs2();
  }
  const Vector variance = (inverse * block_gradients).rowwise().squaredNorm() * correction;
  Vector errors(n);
  for (Eigen::Index i = 0; i < n; ++i)
    errors[i] =
        flat[i] > involved * involved ? std::numeric_limits<double>::infinity() : std::sqrt(variance[i]);
  return errors;
}

} // namespace raphson::optim::match
