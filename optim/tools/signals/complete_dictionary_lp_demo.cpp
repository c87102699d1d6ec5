#include "optim/tools/signals/complete_dictionary_lp_demo.h"

#include "optim/tools/signals/lp_demo_parts.h"

namespace raphson::optim::tools {

report::ToolReport complete_dictionary_lp_demo(const DemoOptions& options) {
  const Seeds seeds = options.seeds_or({1, 2, 3});
  report::ToolReport report{.title = "Complete dictionaries by the lp norm: known ones, voices, digits"};
  lp_known_dictionaries(report, seeds, options);
  lp_mixed_speakers(report, seeds, options);
  lp_digits(report, seeds, options);
  if (!options.brief) lp_growth(report, options);
  return report;
}

} // namespace raphson::optim::tools
