// The experiment of RankSEG-RMA: against the threshold 0.5, argmax and the exact rule; growth with size.
#pragma once

#include "optim/tools/demo.h"

namespace raphson::optim::tools {

report::ToolReport rankseg_rma_demo(const DemoOptions& options);

} // namespace raphson::optim::tools
