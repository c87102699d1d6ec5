// Sparse linear regression of a table by the diagonal network with gradient regularisation of several
// strengths, chosen on rows held out.
#pragma once

#include "optim/tools/solvers/diagonal_network.h"
#include "optim/tools/solvers/gradient_regularization.h"

namespace raphson::optim::tools {

struct SparseRegressionOptions {
  double start = 0.1; ///< alpha
  int steps = 20000;
  double held_out = 0.2; ///< share of the rows
  std::uint64_t seed = 1;
  std::size_t threads = 1;
  std::function<void(const std::string&)> progress = {};
};

/// Columns and target are scaled by their root mean squares and not centred; there is no intercept. The step
/// is a quarter over the largest eigenvalue of X^T X / N. Cells of none, F, B and DB. Throws InputError where
/// the target is missing or zero, std::runtime_error where every cell diverges.
report::ToolReport sparse_regression(const data::Dataset& table, const std::vector<RegularisedCell>& cells,
                                     const SparseRegressionOptions& options);

} // namespace raphson::optim::tools
