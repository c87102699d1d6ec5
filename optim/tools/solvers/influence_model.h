// What influence-unlearning keeps of a network: a network file (*.network.json, nn/network_file.h) that any
// tool reads, with a field more, "unlearning": how it was trained, on which rows, and which it has forgotten.
#pragma once

#include "optim/nn/network_file.h"
#include "optim/tools/solvers/influence_unlearning.h"

#include <filesystem>
#include <string>

namespace raphson::optim::tools {

struct InfluenceModel {
  nn::NetworkFile network = {};
  RestrictedTraining training = {};
  std::size_t rows = 0;
  std::string fingerprint = {};  ///< of all rows, data::fingerprint_of
  nn::RowNumbers held_out = {};  ///< numbers from 0, rising
  nn::RowNumbers forgotten = {}; ///< so far; the same
};

std::string to_json(const InfluenceModel& model);

/// Throws InputError, one line naming the file and the field.
InfluenceModel read_influence_model(const std::filesystem::path& path);

} // namespace raphson::optim::tools
