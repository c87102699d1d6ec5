// The experiment of adam: against its rivals on digits and on sparse features, what the correction of its
// moments is for, and the convex loss on which it goes to the worst point.
#pragma once

#include "optim/tools/demo.h"

namespace raphson::optim::tools {

report::ToolReport adam_demo(const DemoOptions& options);

} // namespace raphson::optim::tools
