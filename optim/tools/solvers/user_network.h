// A user's rows and the network to be trained on them, from the options that soap and m-fac share.
#pragma once

#include "optim/tools/solvers/table_network.h"
#include "optim/tools/solvers/user_table.h"

#include <memory>
#include <string>

namespace raphson::optim::tools {

struct UserNetworkOptions {
  UserTableOptions table;
  std::string task = "classify"; ///< "regress", "autoencode"
  std::vector<Eigen::Index> hidden = {64, 64};
  Eigen::Index code = 8;
  nn::Activation activation = nn::Activation::tanh;
  bool images_as_they_are = false; ///< pixels are not standardised
  double held_out = 0.2;           ///< share of the rows
};

struct UserNetwork {
  /// Inputs are standardised by the training rows', but for an autoencoder, whose inputs are scaled into [0,
  /// 1] by the smallest and largest of all where they are outside it; so is a target of numbers. Throws
  /// InputError where task and target do not agree.
  UserNetwork(const UserNetworkOptions& options, std::uint64_t seed);

  const data::Dataset* held_out_or_null() const { return held_out.size() > 0 ? &held_out : nullptr; }
  /// With the target back in its own units.
  nn::NetworkFile file(Vector parameters) const;

  data::Dataset all, training, held_out; ///< scaled
  data::Standardisation scale = {};      ///< of the inputs
  double target_mean = 0, target_deviation = 1;
  std::string target = {};
  std::unique_ptr<TableNetwork> network;
};

} // namespace raphson::optim::tools
