// The experiment of gradient-regularization: the diagonal network, a classifier of digits with wrong labels,
// and the method's exact consequences.
#pragma once

#include "optim/tools/demo.h"

namespace raphson::optim::tools {

report::ToolReport gradient_regularization_demo(const DemoOptions& options);

} // namespace raphson::optim::tools
