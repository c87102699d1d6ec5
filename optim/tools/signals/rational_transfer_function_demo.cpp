#include "optim/tools/signals/rational_transfer_function_demo.h"

#include "optim/tools/signals/rational_demo_parts.h"

namespace raphson::optim::tools {

report::ToolReport rational_transfer_function_demo(const DemoOptions& options) {
  const Seeds seeds = options.seeds_or({1, 2, 3});
  report::ToolReport report{.title =
                                "Rational transfer functions: exact without states, cloned, and remembering"};
  rational_exactness(report, seeds, options);
  if (!options.brief) rational_growth(report, options);
  rational_clone(report, seeds, options);
  rational_digits(report, seeds, options);
  return report;
}

} // namespace raphson::optim::tools
