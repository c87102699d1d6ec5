// What the demo and the tests of gradient-regularization measure.
#pragma once

#include "optim/tools/solvers/diagonal_network.h"

#include <cstdint>

namespace raphson::optim::tools {

/// N rows of d normal entries, mean 5 and variance 5; beta* = 1/sqrt 5 on five entries, y = X beta*.
struct SparseProblem {
  DiagonalNetwork network;
  Vector beta; ///< beta*
};
SparseProblem sparse_problem(Eigen::Index rows, Eigen::Index columns, std::uint64_t seed);

/// The method's consequences on a minibatch of a tanh perceptron for digits, in double.
struct Consequences {
  double sam = 0;           ///< gamma = epsilon against the gradient ahead, relative
  double none = 0;          ///< gamma = 0 against the plain gradient
  double one_sided = 0;     ///< error against H g at epsilon, over that at epsilon / 2
  double averaged = 0;      ///< likewise of the mean of F and B
  double flood_down_up = 0; ///< two steps of flooding against B at epsilon = eta, relative
  double flood_up_down = 0; ///< against F
};
Consequences consequences(std::uint64_t seed);

/// Matrix products of one minibatch's direction, of a perceptron with so many layers.
struct ProductCounts {
  std::int64_t plain = 0, forward = 0, backward = 0, double_backprop = 0;
};
ProductCounts product_counts(int layers);

} // namespace raphson::optim::tools
