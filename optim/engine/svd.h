// The singular value decomposition and what follows from it at once.
#pragma once

#include "optim/engine/types.h"

namespace raphson::optim {

/// M = left diag(values) right^T, values falling; thin: as many as the smaller side of M.
struct Svd {
  Matrix left, right;
  Vector values;
};

/// Throws InputError where M is empty or not finite.
Svd thin_svd(const Matrix& m);

/// U V^T of the thin decomposition: of all matrices of M's shape with orthonormal rows (columns, where M is
/// tall), the one with the largest tr(Q^T M). `unique` is false where the smallest singular value is below
/// 1e-12 of the largest: another Q does as well.
struct PolarFactor {
  Matrix factor;
  bool unique = true;
};
PolarFactor polar_factor(const Matrix& m);

} // namespace raphson::optim
