// The experiment of fast transform dictionaries: Hadamard exactly, the DCT nearly, dictionaries for digits,
// speech and its spectra.
#pragma once

#include "optim/tools/demo.h"

namespace raphson::optim::tools {

report::ToolReport fast_transform_dictionaries_demo(const DemoOptions& options);

} // namespace raphson::optim::tools
