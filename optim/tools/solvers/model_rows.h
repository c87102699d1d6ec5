// A trained network from a file and a user's rows that it is for: columns found by their names, scaled as the
// network's inputs are, classes numbered as the network's.
#pragma once

#include "optim/tools/solvers/table_network.h"
#include "optim/tools/solvers/user_table.h"

#include <memory>

namespace raphson::optim::tools {

struct ModelRows {
  /// `options.target` may be empty where the network's own target is a column of the table. Throws InputError
  /// where a column, or the number of them, or a class is not the network's.
  ModelRows(nn::NetworkFile model, UserTableOptions options);

  /// With the target, of numbers, back in its own units.
  nn::NetworkFile file(const Vector& parameters) const;

  nn::NetworkFile model;
  data::Dataset rows; ///< scaled; numbers to predict to mean 0 and deviation 1
  double target_mean = 0, target_deviation = 1;
  std::unique_ptr<TableNetwork> network;
  Vector parameters; ///< for the scaled target
};

} // namespace raphson::optim::tools
