// What influence-unlearning says of a request: losses and accuracies before and after, how far the forgotten
// rows can be told from rows never seen, and the distance to a network trained without them.
#pragma once

#include "optim/report/tool_report.h"
#include "optim/tools/solvers/influence_model.h"

#include <functional>
#include <string>

namespace raphson::optim::tools {

struct InfluenceRequest {
  const nn::RowModel& model; ///< rows as the network takes them
  const InfluenceModel& trained;
  nn::RowNumbers forgotten = {}; ///< rising; trained on and not forgotten before
  InfluenceOptions options = {};
  bool compare = false; ///< also train without the rows
  std::function<void(const std::string&)> say = {};
};

/// Forgets; `theta` receives the result.
report::ToolReport report_influence(const InfluenceRequest& request, Vector& theta);

/// The rows that a network was trained on and has not forgotten.
nn::RowNumbers trained_rows(const InfluenceModel& model);

/// Numbers that are in `rows` and not in `removed`; both rise.
nn::RowNumbers rows_less(const nn::RowNumbers& rows, const nn::RowNumbers& removed);

/// How many of `remaining` have the features and the class of a forgotten row.
std::size_t duplicates_of(const data::Dataset& dataset, const nn::RowNumbers& forgotten,
                          const nn::RowNumbers& remaining);

/// Mean loss of the held-out rows, the goal of --until unseen. Throws InputError without any.
double unseen_loss(const nn::RowModel& model, const InfluenceModel& trained);

} // namespace raphson::optim::tools
