#include "optim/tools/signals/palm_factors.h"

#include "optim/engine/symmetric_eigen.h"

#include <cmath>

namespace raphson::optim::tools {
namespace {

using Eigen::Index;

/// Of a symmetric positive semidefinite matrix, 1 % of the singular values' above, since power iteration
/// comes from below.
double largest_eigenvalue(const Matrix& gram) {
  constexpr double safety = 1.01 * 1.01;
  return safety
         * dominant_eigenvalue([&](const Vector& x) -> Vector { return gram * x; }, gram.rows(),
                               {.maximum_iterations = 500, .tolerance = 1e-6});
}

/// L^T L or R R^T, of the smaller side.
double squared_norm(const Matrix& m) {
  if (m.size() == 0) return 1;
  return largest_eigenvalue(m.rows() < m.cols() ? Matrix(m * m.transpose()) : Matrix(m.transpose() * m));
}

Matrix times(const Matrix& left, const Matrix& right) {
  if (left.size() == 0) return right;
  if (right.size() == 0) return left;
  return left * right;
}

} // namespace

PalmTarget::PalmTarget(const Matrix& a) : b_(a), constant_(a.squaredNorm()) {}

PalmTarget::PalmTarget(const Matrix& signals, const SparseMatrix& codes)
    : b_(signals * codes.transpose()), c_(codes * codes.transpose()), constant_(signals.squaredNorm()) {}

double PalmTarget::best_scale(const Matrix& product) const {
  const double power = c_.size() == 0 ? product.squaredNorm() : (product * c_).cwiseProduct(product).sum();
  return power > 0 ? b_.cwiseProduct(product).sum() / power : 0;
}

double PalmTarget::value(const Matrix& product, double lambda) const {
  if (c_.size() == 0) return (b_ - lambda * product).squaredNorm();
  return constant_ - 2 * lambda * b_.cwiseProduct(product).sum()
         + lambda * lambda * (product * c_).cwiseProduct(product).sum();
}

double PalmTarget::relative_error(const Matrix& product, double lambda) const {
  return std::sqrt(std::max(0.0, value(product, lambda)) / constant_);
}

Matrix PalmTarget::slope(const Matrix& left_and_factor, const Matrix& right, double lambda) const {
  if (c_.size() == 0) {
    const Matrix error = lambda * times(left_and_factor, right) - b_;
    return right.size() == 0 ? error : Matrix(error * right.transpose());
  }
  const Matrix error = lambda * times(left_and_factor, right) * c_ - b_;
  return right.size() == 0 ? error : Matrix(error * right.transpose());
}

double PalmTarget::squared_norm(const Matrix& right) const {
  if (c_.size() == 0) return tools::squared_norm(right);
  return largest_eigenvalue(right.size() == 0 ? c_ : Matrix(right * c_ * right.transpose()));
}

Matrix PalmState::product() const {
  Matrix h = factors.back();
  for (std::size_t j = factors.size() - 1; j-- > 0;) h = factors[j] * h;
  return h;
}

namespace {

void update(const PalmTarget& target, const FactorSet& set, const Matrix& left, const Matrix& right,
            double lambda, Matrix& factor) {
  const double c = 1.001 * lambda * lambda * target.squared_norm(right) * squared_norm(left);
  if (!(c > 0)) return; // nothing depends on this factor
  Matrix slope = target.slope(times(left, factor), right, lambda);
  if (left.size() > 0) slope = left.transpose() * slope;
  factor = set.project(factor - lambda / c * slope);
}

void sweep(const PalmTarget& target, const std::vector<FactorSet>& sets, PalmState& state, SweepOrder order) {
  const std::size_t count = state.factors.size();
  // The products on the side that is not yet updated.
  std::vector<Matrix> behind(count);
  Matrix ahead;
  if (order == SweepOrder::from_left) {
    for (std::size_t j = count - 1; j-- > 0;) behind[j] = times(state.factors[j + 1], behind[j + 1]);
    for (std::size_t j = 0; j < count; ++j) {
      update(target, sets[j], ahead, behind[j], state.lambda, state.factors[j]);
      ahead = times(ahead, state.factors[j]);
    }
  } else {
    for (std::size_t j = 1; j < count; ++j) behind[j] = times(behind[j - 1], state.factors[j - 1]);
    for (std::size_t j = count; j-- > 0;) {
      update(target, sets[j], behind[j], ahead, state.lambda, state.factors[j]);
      ahead = times(state.factors[j], ahead);
    }
  }
  state.lambda = target.best_scale(ahead);
}

} // namespace

std::vector<double> palm_sweeps(const PalmTarget& target, const std::vector<FactorSet>& sets,
                                PalmState& state, int sweeps, SweepOrder order) {
  std::vector<double> objective{target.value(state.product(), state.lambda)};
  for (int i = 0; i < sweeps; ++i) {
    sweep(target, sets, state, order);
    objective.push_back(target.value(state.product(), state.lambda));
  }
  return objective;
}

} // namespace raphson::optim::tools
