#include "optim/tools/signals/rankseg_rma_demo.h"

#include "optim/tools/signals/rankseg_demo_parts.h"

namespace raphson::optim::tools {

void SeedClaims::add(const report::Claim& claim) {
  for (report::Claim& known : report_.claims) {
    if (known.what != claim.what) continue;
    const bool worse = claim.bound == report::Claim::Bound::at_most ? !(claim.measured <= known.measured)
                                                                    : !(claim.measured >= known.measured);
    if (worse) known.measured = claim.measured; // a NaN too
    return;
  }
  report_.claims.push_back(claim);
}

Seeds rankseg_seeds(const DemoOptions& options) { return options.seeds_or({0, 1, 2, 3, 4}); }

report::ToolReport rankseg_rma_demo(const DemoOptions& options) {
  report::ToolReport report{.title = "Masks that maximise expected overlap"};
  report.paragraphs.push_back(
      "The networks are small and their input noisy, so that probabilities are uncertain: there a threshold "
      "finds too little. The claims concern the step from probabilities to masks alone.");
  rankseg_simulator(report, options);
  rankseg_digits(report, options);
  rankseg_two_digits(report, options);
  rankseg_speech(report, options);
  rankseg_growth(report, options);
  return report;
}

} // namespace raphson::optim::tools
