// How well a dictionary's best k atoms give each signal back: |Y - Yhat_k|_F / |Y|_F for k = 1 ... most.
#pragma once

#include "optim/engine/types.h"

#include <vector>

namespace raphson::optim::tools {

/// D with orthonormal columns: the k largest coefficients are the best.
std::vector<double> orthonormal_term_errors(const Matrix& d, const Matrix& signals, Eigen::Index most);

/// Any D: the k atoms that matching pursuit finds.
std::vector<double> pursuit_term_errors(const Matrix& d, const Matrix& signals, Eigen::Index most,
                                        std::size_t threads = 1);

/// The orthonormal basis of the principal axes of the second moments Y Y^T, with most energy first; about the
/// mean only where the signals come without it.
Matrix principal_basis(const Matrix& signals);

} // namespace raphson::optim::tools
