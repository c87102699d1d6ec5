// The networks of fast-ntk-unlearning as files (*.json): a base from pretrain, or a tuned network, which also
// holds what forgetting needs: the trained parameters' start w_0 and how they were tuned, and on which rows
// (their number and a fingerprint: the rows themselves are not kept).
#pragma once

#include "optim/tools/solvers/fast_ntk_unlearning.h"

#include "optim/data/standardise.h"

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace raphson::optim::tools {

struct Tuned {
  Vector origin = {}; ///< w_0
  TuningOptions options = {};
  std::size_t rows = 0;
  std::string fingerprint = {}; ///< of features and classes
};

struct FastNtkModel {
  NormalisedNet net = {};
  std::vector<std::string> inputs = {}; ///< columns of a table; empty where they have no names
  std::vector<std::string> classes = {};
  std::string target = {};          ///< column of a table, or empty
  data::Standardisation scale = {}; ///< of the pre-training data
  std::optional<Tuned> tuned = {};
};

std::string to_json(const FastNtkModel& model);

/// Throws InputError, one line naming the file and the field.
FastNtkModel parse_fast_ntk_model(const std::string& text, const std::string& file);

/// Throws InputError unless these are the rows that the network was tuned on, as they were read, before they
/// are standardised.
void check_tuning_rows(const FastNtkModel& model, const data::Dataset& rows);

} // namespace raphson::optim::tools
