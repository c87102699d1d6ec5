// The experiment of GORACS: 80 of 1,500 digits, most of them turned or none, so that a classifier does well
// on upright ones; against other ways to choose, and against all of the pool.
#pragma once

#include "optim/tools/demo.h"
#include "optim/tools/solvers/goracs.h"

namespace raphson::optim::tools {

report::ToolReport goracs_demo(const DemoOptions& options);

// --- Other ways to choose n rows of a pool ----------------------------------------------------------------

/// Farthest first: the row farthest from all chosen, from the one nearest to the mean on.
Rows k_centre(const CostMatrix& embedding, int n);

/// The n rows of lowest score each by itself.
Rows lowest(const Vector& scores, int n);

} // namespace raphson::optim::tools
