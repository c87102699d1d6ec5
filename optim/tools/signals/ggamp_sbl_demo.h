// The experiment of the card ggamp-sbl: sparse vectors through five matrices, four vectors with one support,
// echoes in speech, and the cost of a sweep by size.
#pragma once

#include "optim/tools/demo.h"

namespace raphson::optim::tools {

report::ToolReport ggamp_sbl_demo(const DemoOptions& options);

} // namespace raphson::optim::tools
