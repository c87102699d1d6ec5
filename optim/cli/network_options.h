// The options of tools that train a network on a user's rows: DATA, --task, --target, --hidden, --code,
// --valid, --rows, --leave-out, --sounds.
#pragma once

#include "optim/tools/solvers/user_network.h"

namespace CLI {
class App;
}

namespace raphson::cli {

void add_network_options(CLI::App& app, optim::tools::UserNetworkOptions& options);

} // namespace raphson::cli
