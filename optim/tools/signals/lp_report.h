// What a report says of the climb to the largest lp norm, in both uses of complete-dictionary-lp.
#pragma once

#include "optim/report/tool_report.h"
#include "optim/tools/signals/lp_dictionary.h"

namespace raphson::optim::tools {

/// Values, the figure of the objective, and warnings: few columns, no convergence, starts that differ.
void add_climb(report::ToolReport& report, const LpDictionary& learnt, const ColumnSource& y,
               const LpOptions& options);

} // namespace raphson::optim::tools
