// The one exception for bad input: a file, option or value the caller can put right. The message is one
// line that names what is wrong, where, and what would be right; the command line prints it and exits with 2.
#pragma once

#include <stdexcept>

namespace raphson {

struct InputError : std::runtime_error {
  using std::runtime_error::runtime_error;
};

} // namespace raphson
