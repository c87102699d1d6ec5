// Euclidean distances between the rows of two matrices, from their differences, so that equal rows are at 0.
#pragma once

#include "optim/engine/transport.h"

namespace raphson::optim {

/// [row of a][row of b]. Throws InputError where they have different columns.
CostMatrix distances(const CostMatrix& a, const CostMatrix& b, std::size_t threads = 1);

} // namespace raphson::optim
