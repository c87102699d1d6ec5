// Ridge regression on the rows of J (n x p), minimising |J a - r|^2 + Lambda |a|^2, from either side:
//   parameters  a = (J^T J + Lambda I)^-1 J^T r          n p^2 + p^3/3 multiplications
//   rows        a = J^T (J J^T + Lambda I)^-1 r          n^2 p + n^3/3
// The same a (Woodbury); `automatic` takes the smaller of n and p. One Cholesky factorisation serves many r.
// Throws InputError where Lambda is below 0 or not finite, and where the matrix is not positive definite:
// where p < n the rows' side with Lambda = 0 never is.
#pragma once

#include "optim/engine/types.h"

#include <Eigen/Cholesky>

namespace raphson::optim {

using RowMajorMatrix = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;

enum class RidgeSide { automatic, parameters, rows };

class Ridge {
public:
  /// J must stay as long as this.
  Ridge(const Eigen::Ref<const RowMajorMatrix>& rows, double lambda, RidgeSide side = RidgeSide::automatic);

  Vector solve(const Vector& r) const;
  /// For each column of R.
  Matrix solve(const RowMajorMatrix& r) const;
  RidgeSide side() const { return side_; } ///< never automatic

  /// Multiplications to set up and factor, without the solves.
  static double multiplications(double rows, double parameters, RidgeSide side);

private:
  Eigen::Ref<const RowMajorMatrix> rows_;
  RidgeSide side_;
  Eigen::LLT<Matrix> factor_;
};

/// J J^T or J^T J, whichever is smaller; both have the rank of J.
Matrix smaller_gram(const Eigen::Ref<const RowMajorMatrix>& rows);

/// Of J, by the pivots of its smaller Gram matrix that stand out of rounding.
Eigen::Index gram_rank(const Eigen::Ref<const RowMajorMatrix>& rows);

} // namespace raphson::optim
