// What fast-ntk-unlearning says of a forgetting: accuracies, outputs, and the comparison with fine-tuning
// without the rows.
#pragma once

#include "optim/report/tool_report.h"
#include "optim/tools/solvers/fast_ntk_unlearning.h"

#include <string>
#include <utility>
#include <vector>

namespace raphson::optim::tools {

double root_mean_square(const data::RowMatrix& values);

/// The output of each forgotten row's own class under several networks, rows in the order of the first.
report::NamedFigure outputs_figure(const data::Dataset& rows, std::span<const std::size_t> forgotten,
                                   const std::vector<std::pair<std::string, NormalisedNet>>& networks);

/// Forgets, and reports it; held_out may have no rows. With `compare` also fine-tunes without the rows: the
/// distance of outputs, and the steps of relearning. net receives the result.
struct ForgettingReport {
  const NormalisedNet& tuned;
  const Vector& origin;
  const data::Dataset& data;
  const data::Dataset& held_out;
  std::vector<std::size_t> forgotten = {};
  TuningOptions tuning = {};
  ForgettingOptions options = {};
  bool compare = false;
  std::function<void(const std::string&)> say = {};
};
report::ToolReport report_forgetting(const ForgettingReport& request, NormalisedNet& result);

} // namespace raphson::optim::tools
