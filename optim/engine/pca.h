// Principal axes: the eigenvectors of the rows' covariance (1/N) sum (x - mean)(x - mean)^T, by falling
// variance; each axis points so that its component of largest magnitude is positive.
#pragma once

#include "optim/engine/transport.h"

namespace raphson::optim {

struct PrincipalAxes {
  Vector mean;
  Matrix axes;      // [column][axis], orthonormal
  Vector variances; // along each axis

  /// (x - mean) axes.
  CostMatrix project(const CostMatrix& rows) const;
};

/// Throws InputError where there are fewer than `count` columns or rows, or a value is not finite.
PrincipalAxes principal_axes(const CostMatrix& rows, Eigen::Index count);

} // namespace raphson::optim
