#include "optim/engine/sparse_bayesian.h"

#include "dsp/error.h"

#include <Eigen/Cholesky>

#include <cmath>

namespace raphson::optim {

SparsePosterior sparse_posterior(const Matrix& a, const Matrix& y, const Vector& gamma, double noise) {
  if (a.rows() != y.rows() || a.cols() != gamma.size())
    throw InputError("sparse Bayesian learning: a matrix of " + std::to_string(a.rows()) + " x "
                     + std::to_string(a.cols()) + " with " + std::to_string(y.rows()) + " rows of y and "
                     + std::to_string(gamma.size()) + " variances");
  if (!(noise > 0) || !(gamma.minCoeff() >= 0) || !gamma.allFinite())
    throw InputError("sparse Bayesian learning: variances must not be negative, and noise above 0");
  Matrix scaled = a * gamma.cwiseSqrt().asDiagonal();
  Matrix c = noise * Matrix::Identity(a.rows(), a.rows());
  c.selfadjointView<Eigen::Lower>().rankUpdate(scaled);
  const Eigen::LLT<Matrix> factor(c);
  if (factor.info() != Eigen::Success)
    throw InputError("sparse Bayesian learning: noise is too small beside the variances for its Cholesky "
                     "factorisation");
  SparsePosterior p;
  p.mean = gamma.asDiagonal() * (a.transpose() * factor.solve(y));
  factor.matrixL().solveInPlace(scaled); // gamma_n a_n^T C^-1 a_n = |L^-1 sqrt(gamma_n) a_n|^2
  p.explained = scaled.colwise().squaredNorm().transpose();
  p.variance = gamma.array() * (1 - p.explained.array()).max(0);
  return p;
}

SparseBayesianResult sparse_bayesian(const Matrix& a, const Matrix& y, const SparseBayesianOptions& o) {
  if (a.rows() != y.rows())
    throw InputError("sparse Bayesian learning: " + std::to_string(a.rows()) + " rows of A and "
                     + std::to_string(y.rows()) + " of y");
  const double power = y.squaredNorm() / static_cast<double>(y.size());
  const double rows_norm = a.squaredNorm() / static_cast<double>(a.rows());
  if (!(power > 0) || !(rows_norm > 0)) throw InputError("sparse Bayesian learning: a zero y or A");
  const auto m = static_cast<double>(a.rows()), n = static_cast<double>(a.cols());
  const auto t = static_cast<double>(y.cols());
  const double unit = power / rows_norm; // of gamma: rows of A of norm 1 would give y this power

  SparseBayesianResult r;
  r.gamma = Vector::Constant(a.cols(), 10 * unit);
  r.noise = o.noise > 0 ? o.noise : 0.01 * power;
  r.x = Matrix::Zero(a.cols(), y.cols());
  while (r.steps < o.maximum_steps && !r.converged) {
    const SparsePosterior p = sparse_posterior(a, y, r.gamma, r.noise);
    ++r.steps;
    r.multiplications += m * n + m * m * n + m * m * m / 6 + 2 * m * n * t + m * m * t;
    const double change = (p.mean - r.x).squaredNorm();
    r.x = p.mean;
    r.variance = p.variance;
    r.converged = change <= o.tolerance * r.x.squaredNorm();
    r.gamma = (r.x.rowwise().squaredNorm() / t + r.variance).cwiseMax(1e-14 * unit);
    if (o.noise > 0) continue;
    const double residual = (y - a * r.x).squaredNorm();
    r.multiplications += m * n * t;
    r.noise = std::max((residual + t * r.noise * p.explained.sum()) / (m * t), 1e-12 * power);
  }
  return r;
}

} // namespace raphson::optim
