#include "optim/tools/signals/best_terms.h"

#include "dsp/error.h"
#include "optim/engine/orthogonal_matching_pursuit.h"
#include "optim/engine/symmetric_eigen.h"

#include <algorithm>
#include <cmath>
#include <functional>

namespace raphson::optim::tools {

using Eigen::Index;

std::vector<double> orthonormal_term_errors(const Matrix& d, const Matrix& signals, Index most) {
  Matrix power = (d.transpose() * signals).cwiseAbs2();
  Vector kept = Vector::Zero(most);
  for (auto column : power.colwise()) {
    std::sort(column.begin(), column.end(), std::greater<>());
    kept += column.head(most);
  }
  std::vector<double> errors;
  double left = signals.squaredNorm();
  const double whole = left;
  for (const double energy : kept) {
    left -= energy;
    errors.push_back(std::sqrt(std::max(left, 0.0) / whole));
  }
  return errors;
}

std::vector<double> pursuit_term_errors(const Matrix& d, const Matrix& signals, Index most,
                                        std::size_t threads) {
  const DenseDictionary dictionary(d);
  const Matrix residuals =
      OrthogonalMatchingPursuit(dictionary).residuals(signals, {.nonzeros = most, .threads = threads});
  std::vector<double> errors;
  for (const auto row : residuals.rowwise()) errors.push_back(row.norm() / signals.norm());
  return errors;
}

Matrix principal_basis(const Matrix& signals) {
  Matrix axes;
  Eigen::SelfAdjointEigenSolver<Matrix> solver;
  if (!eigenvectors_by_falling_value<double>(signals * signals.transpose(), axes, solver))
    throw InputError("principal axes: signals with values that are not finite, or too large to be squared");
  return axes;
}

} // namespace raphson::optim::tools
