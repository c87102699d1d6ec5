// The experiment of complete dictionary learning: known dictionaries, mixed speakers, handwritten digits.
#pragma once

#include "optim/tools/demo.h"

namespace raphson::optim::tools {

report::ToolReport complete_dictionary_lp_demo(const DemoOptions& options);

} // namespace raphson::optim::tools
