// The experiment of soap: an autoencoder of digits, trained by SOAP, Adam and Shampoo.
#pragma once

#include "optim/tools/demo.h"

namespace raphson::optim::tools {

report::ToolReport soap_demo(const DemoOptions& options);

} // namespace raphson::optim::tools
