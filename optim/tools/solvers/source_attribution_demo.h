// The experiment of source-attribution: digits, what leaving out half the rows does to queries, and which
// method foretold it.
#pragma once

#include "optim/tools/demo.h"

namespace raphson::optim::tools {

report::ToolReport source_attribution_demo(const DemoOptions& options);

} // namespace raphson::optim::tools
