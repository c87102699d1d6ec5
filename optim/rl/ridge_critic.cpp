#include "optim/rl/ridge_critic.h"

#include "dsp/error.h"
#include "optim/engine/ridge.h"

namespace raphson::optim::rl {

RidgeCritic::RidgeCritic(Eigen::Index features, Eigen::Index objectives, double ridge)
    : weights_(Matrix::Zero(features, objectives)), ridge_(ridge) {
  if (!(ridge > 0)) throw InputError("ridge critic: ridge must be above 0");
}

void RidgeCritic::fit(const data::RowMatrix& features, const data::RowMatrix& returns) {
  weights_ = Ridge(features, ridge_, RidgeSide::parameters).solve(returns);
}

} // namespace raphson::optim::rl
