// The experiment of the card mimo-isar-imaging: one point against back-projection and a true single antenna,
// six points in noise, a wide circle, and what it costs.
#pragma once

#include "optim/tools/demo.h"

namespace raphson::optim::tools {

report::ToolReport mimo_isar_imaging_demo(const DemoOptions& options);

} // namespace raphson::optim::tools
