// What the hosts throw for a plugin that this machine lacks, which a test or benchmark leaves out.
#pragma once

#include <stdexcept>

namespace raphson::host {

struct NotInstalled : std::runtime_error {
  using std::runtime_error::runtime_error;
};

} // namespace raphson::host
