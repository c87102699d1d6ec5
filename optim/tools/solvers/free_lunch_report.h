// A free-lunch bootstrap as a report: estimates with intervals, references, flagged rows, plots and draws.
#pragma once

#include "optim/report/tool_report.h"
#include "optim/tools/solvers/free_lunch_bootstrap.h"

#include <optional>
#include <string>
#include <vector>

namespace raphson::optim::tools {

/// What --check compares with, by the same parameters.
struct ReferenceErrors {
  Vector full_bootstrap, sandwich, classical;
  long full_evaluations = 0;
  int resamples = 0;
};

struct FreeLunchNames {
  std::vector<std::string> parameters = {}, units = {}; ///< units of measure, or empty
  std::string resampled = "row";                        ///< what a batch draws: row, cluster, block, chunk
};

report::ToolReport report_of(const FreeLunchResult& result, const FreeLunchOptions& options,
                             const FreeLunchNames& names, const std::optional<ReferenceErrors>& check);

} // namespace raphson::optim::tools
