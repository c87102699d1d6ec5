// What both reports of ggamp_report.h say about a recovery.
#pragma once

#include "optim/tools/signals/ggamp_report.h"

namespace raphson::optim::tools {

/// Throws std::runtime_error where the sweeps diverge.
GgampSblResult recover(const LinearOperator& a, const Matrix& y, RecoveryOptions options,
                       report::ToolReport& report);

/// Noise, damping and why, steps and sweeps; warnings of what did not converge or is not sparse.
void add_figures(report::ToolReport& report, const GgampSblResult& result, const LinearOperator& a,
                 const Matrix& y);

/// One column as N, several as N x T.
report::ResultFile npy_file(const std::string& name, const Matrix& columns);

} // namespace raphson::optim::tools
