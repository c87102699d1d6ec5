// The experiment of fast-ntk-unlearning: a network pre-trained on the digits 0-4 is fine-tuned on 5-9 and
// forgets the 9s, then wrong labels; against further training, all weights, and fine-tuning without them.
#pragma once

#include "optim/tools/demo.h"

namespace raphson::optim::tools {

report::ToolReport fast_ntk_unlearning_demo(const DemoOptions& options);

} // namespace raphson::optim::tools
