// The experiment of Deep-LK: trained on moving digits 0 to 4, followed are digits 5 to 9, inverted ones and
// textures, against Lucas-Kanade on grey levels and a network with constant weights.
#pragma once

#include "optim/tools/demo.h"

namespace raphson::optim::tools {

report::ToolReport deep_lk_demo(const DemoOptions& options);

} // namespace raphson::optim::tools
