// `raphson rational-transfer-function --sequences X.npy --labels y.npy`: a classifier of sequences trained,
// and what it makes of others.
#pragma once

#include "optim/report/tool_report.h"
#include "optim/tools/signals/rational_sequence.h"

#include <cstdint>
#include <filesystem>
#include <string>

namespace raphson::optim::tools {

struct Sequences {
  data::Dataset rows; ///< steps x inputs a row
  SequenceShape shape;
};

/// Arrays N x L or N x L x C; labels N whole numbers, empty for none. Throws InputError for other shapes,
/// values that are not finite, labels that are not whole numbers or not as many as the rows, and a single
/// class.
Sequences read_sequences(const std::filesystem::path& path, const std::filesystem::path& labels);

struct SequenceRun {
  SequenceOptions network = {};
  SequenceTraining training = {};
  double held_out = 0.2; ///< the share of each class that is not trained on
  std::uint64_t seed = 1;
  std::filesystem::path predict = {}; ///< an array of further sequences, or empty
};

report::ToolReport sequence_report(const Sequences& sequences, const SequenceRun& run);

} // namespace raphson::optim::tools
