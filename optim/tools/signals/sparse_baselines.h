// What sparse recovery is measured against where the truth is known: least squares told the support, OMP told
// how many, the LASSO at the weight that is best against the truth.
#pragma once

#include "optim/engine/types.h"

#include <vector>

namespace raphson::optim::tools {

/// Least squares on the columns of the support.
Matrix oracle_least_squares(const Matrix& a, const Matrix& y, const std::vector<Eigen::Index>& support);

/// One column of y.
Vector matching_pursuit(const Matrix& a, const Vector& y, Eigen::Index nonzeros);

/// Over weights from the largest that leaves anything down by a factor of 10^(1/4) each.
Vector best_lasso(const Matrix& a, const Vector& y, const Vector& truth, int weights = 18);

/// Ridge regression at the weight, out of 10^-8 ... 1 times the mean of diag(A A^T), that is best against the
/// truth: least squares of least norm is its limit.
Vector best_ridge(const Matrix& a, const Vector& y, const Vector& truth);

} // namespace raphson::optim::tools
