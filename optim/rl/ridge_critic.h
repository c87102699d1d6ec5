// Value functions that are linear in given features of the state, one column of weights an objective, fitted
// by ridge regression:  W = (X^T X + ridge I)^-1 X^T Y. Before the first fit all values are 0.
#pragma once

#include "optim/data/dataset.h"

namespace raphson::optim::rl {

class RidgeCritic {
public:
  /// Throws InputError where ridge is not above 0.
  RidgeCritic(Eigen::Index features, Eigen::Index objectives, double ridge = 1e-2);

  /// X [state][feature], Y [state][objective]: the returns from there.
  void fit(const data::RowMatrix& features, const data::RowMatrix& returns);

  /// [state][objective].
  data::RowMatrix values(const data::RowMatrix& features) const { return features * weights_; }

  const Matrix& weights() const { return weights_; }

private:
  Matrix weights_;
  double ridge_;
};

} // namespace raphson::optim::rl
