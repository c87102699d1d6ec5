// The experiment of margin-sampling: where asking for rows near the boundary loses against asking at random,
// and where it wins.
#pragma once

#include "optim/tools/demo.h"

namespace raphson::optim::tools {

report::ToolReport margin_sampling_demo(const DemoOptions& options);

} // namespace raphson::optim::tools
