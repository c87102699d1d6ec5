#include "optim/rl/ridge_critic.h"

#include "dsp/error.h"

#include <Eigen/Cholesky>

namespace raphson::optim::rl {

RidgeCritic::RidgeCritic(Eigen::Index features, Eigen::Index objectives, double ridge)
    : weights_(Matrix::Zero(features, objectives)), ridge_(ridge) {
  if (!(ridge > 0)) throw InputError("ridge critic: ridge must be above 0");
}

void RidgeCritic::fit(const data::RowMatrix& features, const data::RowMatrix& returns) {
  Matrix normal = Matrix::Zero(features.cols(), features.cols());
  normal.selfadjointView<Eigen::Lower>().rankUpdate(features.transpose());
  normal.diagonal().array() += ridge_;
  weights_ = normal.selfadjointView<Eigen::Lower>().llt().solve(features.transpose() * returns);
}

} // namespace raphson::optim::rl
