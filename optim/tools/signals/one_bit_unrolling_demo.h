// The experiment of one-bit unrolling: blocks, few examples, speech, and where it fails.
#pragma once

#include "optim/tools/demo.h"

namespace raphson::optim::tools {

report::ToolReport one_bit_unrolling_demo(const DemoOptions& options);

} // namespace raphson::optim::tools
