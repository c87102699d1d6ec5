// What source-attribution tells a user: a network trained on their rows, the rows that helped and harmed each
// query, and the rows whose labels look wrong.
#pragma once

#include "optim/data/dataset.h"
#include "optim/report/tool_report.h"
#include "optim/tools/solvers/source_attribution.h"

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace raphson::optim::tools {

struct SourceInput {
  data::Dataset training = {}, queries = {}; ///< the same features; images are not standardised
  std::vector<int> stages = {};              ///< one a training row, from 1; empty: a single one
  std::vector<int> epochs = {20};            ///< one a stage, or one for all
  Index hidden = 16;
  double rate = 0.1, momentum = 0, weight_decay = 0;
  std::size_t batch_size = 20;
  int segments = 0, checkpoints = 6; ///< segments a stage; 0 as plan_segments has it
  std::string curvature = "";        ///< "full", "ekfac"; empty: full where it can be
  QueryMeasure measure = QueryMeasure::loss;
  int check_subsets = 0; ///< retrainings of --check; 0: none
  std::uint64_t seed = 1;
  std::size_t threads = 1;
  std::function<void(const std::string&)> progress = {};
};

/// Throws InputError for queries with other features or classes, a target of one class, stages that are not
/// numbered 1, 2 ... without a gap, epochs that are not one a stage, rates out of range.
report::ToolReport source_report(const SourceInput& input);

} // namespace raphson::optim::tools
