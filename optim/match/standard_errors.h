// How well the recordings determine the parameters.
//
// Around the fit the loss is L(z) with Hessian H. Its gradient there is a sum over stretches of the
// recording, G = [g_1 ... g_B], which add up to nothing but do not vanish one by one. The sandwich
//   cov z = H^-1 (G G^T) H^-1 B / (B - n)
// (White 1982; blocks of a quarter second because the residual of a compressor is far from white) becomes
// that of the physical parameters by the slope of each sigmoid. Directions in which the loss is flat, to
// rounding or within its eigenvalue floor, leave every parameter they involve undetermined: an infinite
// error.
#pragma once

#include "optim/engine/types.h"

namespace raphson::optim::match {

/// Standard deviations of the coordinates whose Hessian and gradient blocks (one a column) these are.
Vector sandwich_errors(const Matrix& hessian, const Matrix& block_gradients);

} // namespace raphson::optim::match
