// The experiment of the card irregular-mimo-sar-imaging: a point, a handwritten digit and two depths from
// hand-held scans, against planar scans, back-projection and what it costs.
#pragma once

#include "optim/tools/demo.h"

namespace raphson::optim::tools {

report::ToolReport irregular_mimo_sar_imaging_demo(const DemoOptions& options);

} // namespace raphson::optim::tools
