// The experiment of PAMA: a chain of 16 tokens whose cheerful ones end the sequence, so that cheer and length
// pull apart; PAMA and other ways to merge advantages on the same sampling budget.
#pragma once

#include "optim/tools/demo.h"
#include "optim/tools/solvers/pama_training.h"

namespace raphson::optim::tools {

report::ToolReport pama_demo(const DemoOptions& options);

/// Sequences of the chain: transition rows Dirichlet(1), end probability 0.04 + 0.15 (1 + valence).
std::vector<Sequence> cheerful_chain(std::size_t sequences, std::uint64_t seed);

/// Of tokens 1 ... 15: from -1 to 1.
std::vector<double> valences();

} // namespace raphson::optim::tools
