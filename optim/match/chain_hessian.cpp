#include "optim/match/chain_hessian.h"

#include "optim/match/chain_loss.h"

namespace raphson::optim::match {

void chain_hessian(const ChunkView* chunks, int count, const ChainProblem& problem,
                   ChainLossDerivatives& out) {
  for (int i = 0; i < count; ++i)
    chain_derivatives<Jet<double, most_free_parameters, 2>, double>(chunks + i, 1, problem, &out, false);
}

} // namespace raphson::optim::match
