#include "optim/tools/signals/best_terms.h"

#include "optim/engine/orthogonal_matching_pursuit.h"
#include "optim/engine/pca.h"

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
  const OrthogonalMatchingPursuit pursuit(dictionary);
  std::vector<double> errors;
  for (Index k = 1; k <= most; ++k)
    errors.push_back(
        coding_error(dictionary, signals, pursuit.code(signals, {.nonzeros = k, .threads = threads})));
  return errors;
}

Matrix principal_basis(const Matrix& signals) {
  return principal_axes(signals.transpose(), std::min(signals.rows(), signals.cols())).axes;
}

} // namespace raphson::optim::tools
