// Tables and figures of a margin study.
#pragma once

#include "optim/report/tool_report.h"
#include "optim/tools/solvers/margin_study.h"

#include <string>

namespace raphson::optim::tools {

/// Adds errors by budget with their standard errors, who wins, diagnostics, learning curves and a histogram
/// of distances. `what` stands in captions, `prefix` in the names of tables and figures.
void add_study(const MarginStudy& study, const MarginStudyOptions& options, const std::string& what,
               const std::string& prefix, report::ToolReport& report);

} // namespace raphson::optim::tools
