// The experiment of free-lunch-bootstrap: its standard errors and intervals against the full bootstrap, the
// truth, and the classical formula where that is wrong.
#pragma once

#include "optim/tools/demo.h"

namespace raphson::optim::tools {

report::ToolReport free_lunch_bootstrap_demo(const DemoOptions& options);

} // namespace raphson::optim::tools
