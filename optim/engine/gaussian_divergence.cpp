#include "optim/engine/gaussian_divergence.h"

#include "dsp/error.h"
#include "optim/engine/symmetric_eigen.h"

#include <Eigen/Cholesky>

#include <cmath>
#include <limits>

namespace raphson::optim {

Gaussian gaussian_of_rows(const Eigen::Ref<const Matrix>& rows) {
  if (rows.rows() < 2)
    throw InputError("covariance: " + std::to_string(rows.rows()) + " rows, at least 2 are needed");
  const Vector mean = rows.colwise().mean().transpose();
  const Matrix centred = rows.rowwise() - mean.transpose();
  return {mean, centred.transpose() * centred / static_cast<double>(rows.rows() - 1)};
}

double gaussian_renyi(double order, double distance, double variance) {
  return order * distance * distance / (2 * variance);
}

namespace {

void check_sizes(const Gaussian& p, const Gaussian& r) {
  const auto n = p.mean.size();
  for (const auto size :
       {r.mean.size(), p.covariance.rows(), p.covariance.cols(), r.covariance.rows(), r.covariance.cols()})
    if (size != n) throw InputError("Gaussians: their means and covariances are of different sizes");
}

double log_determinant(const Eigen::LLT<Matrix>& factor) {
  return 2 * factor.matrixLLT().diagonal().array().log().sum();
}

} // namespace

double gaussian_renyi(double order, const Gaussian& p, const Gaussian& r) {
  check_sizes(p, r);
  if (!(order > 0)) throw InputError("Renyi divergence: the order must be above 0");
  const Eigen::LLT<Matrix> on_p(p.covariance), on_r(r.covariance);
  if (on_p.info() != Eigen::Success || on_r.info() != Eigen::Success)
    throw InputError("Renyi divergence: a covariance is not positive definite");
  const Vector delta = p.mean - r.mean;
  const auto n = static_cast<double>(delta.size());
  if (order == 1)
    return 0.5
           * (on_r.solve(p.covariance).trace() - n + delta.dot(on_r.solve(delta)) + log_determinant(on_r)
              - log_determinant(on_p));
  const Eigen::LLT<Matrix> mixed(order * r.covariance + (1 - order) * p.covariance);
  if (mixed.info() != Eigen::Success) return std::numeric_limits<double>::infinity();
  const double logs =
      log_determinant(mixed) - (1 - order) * log_determinant(on_p) - order * log_determinant(on_r);
  return 0.5 * order * delta.dot(mixed.solve(delta)) - logs / (2 * (order - 1));
}

double gaussian_frechet(const Gaussian& p, const Gaussian& r) {
  check_sizes(p, r);
  const Matrix root = symmetric_square_root(p.covariance);
  const Matrix middle = symmetric_square_root(root * r.covariance * root);
  const double squared =
      (p.mean - r.mean).squaredNorm() + p.covariance.trace() + r.covariance.trace() - 2 * middle.trace();
  return std::max(0.0, squared);
}

} // namespace raphson::optim
