// Ranks by MPI: what mpi_ranks.cpp, the one file that knows MPI, has for program_ranks.cpp.
#pragma once

#include "optim/cli/program_ranks.h"

#include <memory>

namespace raphson::cli {

std::unique_ptr<ProgramRanks> start_mpi_ranks();

/// Throws InputError, the same on all ranks, where one of them is of another build or uses another
/// instruction set than rank 0: their arithmetic would differ, and with it their decisions.
void check_builds(optim::Ranks& ranks);

} // namespace raphson::cli
