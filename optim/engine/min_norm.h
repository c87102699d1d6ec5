// The point of least norm in the convex hull of n vectors, from their Gram matrix G_ij = <g_i, g_j>:
//
//   min over c >= 0, sum c = 1 of  c^T G c = |sum_i c_i g_i|^2
//
// exactly, by the method of P. Wolfe, "Finding the nearest point in a polytope", Math. Programming 11 (1976).
// For gradients g_i it is the common descent direction of MGDA (J.-A. Desideri 2012): zero where the point is
// Pareto stationary, otherwise no objective rises along it. For a few vectors; O(n^3) a step.
#pragma once

#include "optim/engine/types.h"

namespace raphson::optim {

struct MinNormPoint {
  Vector weights; // c
  double squared_norm = 0;
};

/// Throws InputError where the matrix is empty, not square or not finite.
MinNormPoint min_norm_point(const Matrix& gram);

} // namespace raphson::optim
