// What the demo and the tests of m-fac measure.
#pragma once

#include "optim/data/split.h"
#include "optim/engine/inverse_fisher.h"
#include "optim/tools/solvers/table_network.h"

#include <cstdint>
#include <memory>

namespace raphson::optim::tools {

struct InverseErrors {
  double sliding = 0, fixed = 0; ///< products against a dense Cholesky of the gradients in the window
  double diagonal = 0;           ///< the worse of both
};

/// d parameters, a window of m, after so many pushes of normal gradients; relative, with 1 the norm of the
/// dense result.
InverseErrors inverse_errors(Eigen::Index d, Eigen::Index m, double lambda, Eigen::Index pushes,
                             std::uint64_t seed);

struct PushCost {
  VectorWork work;    ///< of one push and the newest gradient's product, the window full
  double seconds = 0; ///< likewise
};
PushCost push_cost(Eigen::Index d, Eigen::Index m, std::uint64_t seed);

/// Digits of 14 x 14 pixels and a tanh perceptron 196-40-20-10 trained on them by Adam.
struct DigitNetwork {
  data::TrainingAndHeldOut digits;
  std::unique_ptr<TableNetwork> network;
  Vector parameters;
};
DigitNetwork digit_network(std::size_t training, std::size_t held_out, int steps, std::uint64_t seed);

} // namespace raphson::optim::tools
