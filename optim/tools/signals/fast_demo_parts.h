// The parts of fast_transform_dictionaries_demo; each adds its tables, pictures and claims, and returns by
// how much an objective rose in one sweep at most, over the data's energy.
#pragma once

#include "optim/engine/types.h"
#include "optim/tools/demo.h"

namespace raphson::optim::tools {

double fast_hadamard(report::ToolReport& report, const DemoOptions& options);
double fast_cosines(report::ToolReport& report, const DemoOptions& options);
double fast_digits(report::ToolReport& report, const Seeds& seeds, const DemoOptions& options);
/// Frames of speech, and their log spectra.
double fast_speech(report::ToolReport& report, const Seeds& seeds, const DemoOptions& options);

/// In natural order, orthonormal; n a power of 2.
Matrix hadamard_matrix(Eigen::Index n);

} // namespace raphson::optim::tools
