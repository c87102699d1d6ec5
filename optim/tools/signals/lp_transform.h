// Complete dictionary learning as a transform fitted to frames, patches or the columns of an array.
#pragma once

#include "optim/report/tool_report.h"
#include "optim/tools/signals/lp_dictionary.h"
#include "optim/tools/signals/signal_columns.h"

namespace raphson::optim::tools {

/// dictionary.npy (n x k, atoms as columns), analysis.npy (k x n: coefficients = analysis (y - mean)), with
/// options.centre mean.npy (n x 1), the atoms, the objective, and the error of the best coefficients of the
/// held-out signals against cosines and principal axes.
report::ToolReport transform_report(const SignalColumns& signals, const LpOptions& options);

} // namespace raphson::optim::tools
