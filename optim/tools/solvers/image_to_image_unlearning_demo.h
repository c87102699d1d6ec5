// The experiment of image-to-image-unlearning: a completer of digits forgets 7, 8 and 9, by this method and
// by the paper's baselines.
#pragma once

#include "optim/tools/demo.h"

namespace raphson::optim::tools {

report::ToolReport image_to_image_unlearning_demo(const DemoOptions& options);

} // namespace raphson::optim::tools
