#include "optim/tools/signals/ggamp_sbl_demo.h"

#include "optim/tools/signals/ggamp_demo_parts.h"

namespace raphson::optim::tools {

report::ToolReport ggamp_sbl_demo(const DemoOptions& options) {
  const Seeds seeds = options.seeds_or({1, 2, 3});
  report::ToolReport report{.title = "Sparse Bayesian learning without the matrix inverse"};
  ggamp_matrices(report, seeds, options);
  ggamp_vectors(report, seeds, options);
  ggamp_speech(report, seeds, options);
  ggamp_growth(report, options);
  return report;
}

} // namespace raphson::optim::tools
