// The experiment of fastglz: equality with coordinate descent, the work that doing all problems together
// saves, a permutation test on digits and stable selection where the truth is known.
#pragma once

#include "optim/tools/demo.h"

namespace raphson::optim::tools {

report::ToolReport fastglz_demo(const DemoOptions& options);

} // namespace raphson::optim::tools
