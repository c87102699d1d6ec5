// What a bootstrap, a cross-validation or a permutation test of sparse models has to say, as a report.
#pragma once

#include "optim/report/tool_report.h"
#include "optim/tools/solvers/fastglz_uses.h"

#include <string>
#include <vector>

namespace raphson::optim::tools {

/// Names of the columns of x and where they lie in the table, whose pixels they may be.
struct SparseColumns {
  std::vector<std::string> names = {};
  std::vector<Eigen::Index> kept = {};
  Vector deviation = {};                 ///< coefficients are reported by the table's units
  int image_rows = 0, image_columns = 0; ///< of the whole table's columns; 0: no image
};

report::ToolReport report_of(const BootstrapSummary& boot, const SparseColumns& columns);
report::ToolReport report_of(const CrossValidation& cv, GlmFamily family);
report::ToolReport report_of(const PermutationTest& test, GlmFamily family,
                             const std::vector<PenaltyFractions>& grid);

/// Permuted scores as steps, the true one as a line.
report::Plot permutation_plot(const PermutationTest& test, const std::string& score);

/// Convergence and work; with `loop` beside those of one problem after the other.
void add_work(const FastglzResult& fits, const GlmProblems& problems, double seconds, const LoopCost* loop,
              report::ToolReport& report);

} // namespace raphson::optim::tools
