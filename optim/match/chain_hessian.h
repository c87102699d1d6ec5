// The exact second derivatives of a chain's loss, by Jets of second order: in a file of its own, since the
// compiler takes its time over them.
#pragma once

#include "optim/match/chain_kernel.h"

namespace raphson::optim::match {

/// Adds loss, gradient, gauss_newton and curvature of the chunks, one after the other, to the result.
void chain_hessian(const ChunkView* chunks, int count, const ChainProblem& problem,
                   ChainLossDerivatives& out);

} // namespace raphson::optim::match
