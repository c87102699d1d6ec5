// The experiment of influence-unlearning: a class of digits withdrawn in ten requests against fine-tuning and
// retraining; wrong labels against plain ascent and the influence function; and what gradient restriction
// does.
#pragma once

#include "optim/tools/demo.h"

namespace raphson::optim::tools {

report::ToolReport influence_unlearning_demo(const DemoOptions& options);

} // namespace raphson::optim::tools
