#include "optim/tools/signals/fast_transform_dictionaries_demo.h"

#include "optim/tools/signals/fast_demo_parts.h"

#include <algorithm>

namespace raphson::optim::tools {

report::ToolReport fast_transform_dictionaries_demo(const DemoOptions& options) {
  const Seeds seeds = options.seeds_or({1, 2, 3});
  report::ToolReport report{.title = "Fast transforms: found in matrices, learnt for digits and speech"};
  double rise = fast_hadamard(report, options);
  rise = std::max(rise, fast_cosines(report, options));
  rise = std::max(rise, fast_digits(report, seeds, options));
  if (!options.brief) rise = std::max(rise, fast_speech(report, seeds, options));
  report.claims.push_back(report::at_most("rise of an objective in one sweep, over the energy", rise, 1e-9));
  return report;
}

} // namespace raphson::optim::tools
