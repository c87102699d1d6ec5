// The parts of ggamp_sbl_demo(), each of which adds its tables, figures and claims to the report.
#pragma once

#include "optim/tools/demo.h"

namespace raphson::optim::tools {

/// Five matrices: against the oracle, the inverse, no damping, OMP and the LASSO; the posterior mean with
/// gamma and sigma^2 frozen.
void ggamp_matrices(report::ToolReport& report, const Seeds& seeds, const DemoOptions& options);

/// Four measurement vectors with one support.
void ggamp_vectors(report::ToolReport& report, const Seeds& seeds, const DemoOptions& options);

/// Echoes in recorded speech.
void ggamp_speech(report::ToolReport& report, const Seeds& seeds, const DemoOptions& options);

/// What a sweep and an inverse cost by size.
void ggamp_growth(report::ToolReport& report, const DemoOptions& options);

} // namespace raphson::optim::tools
