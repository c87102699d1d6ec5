// What the frame of the tools shares among its commands: the registry's view of a tool as text, and the run
// of its demo.
#pragma once

#include "optim/cli/tool.h"

#include <cstdint>
#include <string>
#include <vector>

namespace raphson::cli {

/// D. P. Kingma, J. Ba, "Adam: A Method for Stochastic Optimization", ICLR 2015, arXiv 1412.6980
std::string paper_text(const Paper& paper);

/// "1,2,3" or "1-5,9". Throws InputError naming --seeds.
std::vector<std::uint64_t> parse_seeds(const std::string& list);

} // namespace raphson::cli
