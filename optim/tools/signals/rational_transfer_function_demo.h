// The experiment of rational transfer functions: exactness, a clone from a recording, long memory.
#pragma once

#include "optim/tools/demo.h"

namespace raphson::optim::tools {

report::ToolReport rational_transfer_function_demo(const DemoOptions& options);

} // namespace raphson::optim::tools
