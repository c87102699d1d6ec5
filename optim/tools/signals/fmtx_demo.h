// The experiment of FMT^x: exact against Dijkstra, its work against FMT* from scratch and RRT^x, the limit of
// many samples, and growth.
#pragma once

#include "optim/tools/demo.h"

namespace raphson::optim::tools {

report::ToolReport fmtx_demo(const DemoOptions& options);

} // namespace raphson::optim::tools
