#include "optim/engine/renyi.h"

#include "dsp/error.h"

#include <Eigen/Cholesky>

#include <cmath>
#include <limits>

namespace raphson::optim {
namespace {

double log_determinant(const Eigen::LLT<Matrix>& factor) {
  return 2 * factor.matrixLLT().diagonal().array().log().sum();
}

double log_determinant(const Matrix& covariance) {
  const Eigen::LLT<Matrix> factor(covariance);
  if (factor.info() == Eigen::Success) return log_determinant(factor);
  throw InputError("Renyi divergence: a covariance is not positive definite");
}

} // namespace

double gaussian_renyi(double order, const NormalLaw& p, const NormalLaw& q) {
  if (!(order > 0) || order == 1) throw InputError("Renyi divergence: the order must be above 0 and not 1");
  const double of_p = log_determinant(p.covariance), of_q = log_determinant(q.covariance);
  const Eigen::LLT<Matrix> mixed((1 - order) * p.covariance + order * q.covariance);
  if (mixed.info() != Eigen::Success) return std::numeric_limits<double>::infinity();
  const Vector d = p.mean - q.mean;
  return order / 2 * d.dot(mixed.solve(d))
         - (log_determinant(mixed) - (1 - order) * of_p - order * of_q) / (2 * (order - 1));
}

} // namespace raphson::optim
