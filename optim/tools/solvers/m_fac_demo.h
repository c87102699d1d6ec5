// The experiment of m-fac: the inverse against a dense one, pruning of a digit classifier, training of an
// autoencoder, and what a step costs.
#pragma once

#include "optim/tools/demo.h"

namespace raphson::optim::tools {

report::ToolReport m_fac_demo(const DemoOptions& options);

} // namespace raphson::optim::tools
