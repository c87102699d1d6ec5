#include "optim/tools/signals/irregular_mimo_sar_imaging_demo.h"

#include "optim/tools/signals/irregular_sar_demo_parts.h"

namespace raphson::optim::tools {

SarSlice slice_at(const SarSpectrum& spectrum, double depth) {
  return {spectrum.slices({depth}), spectrum.positions({depth}), spectrum.x().size()};
}

report::ToolReport irregular_mimo_sar_imaging_demo(const DemoOptions& options) {
  const Seeds seeds = options.seeds_or({1, 2, 3});
  report::ToolReport report{.title = "Near-field MIMO-SAR imaging from hand-held scans"};
  sar_points(report, seeds, options);
  sar_cost(report, seeds.front());
  if (options.brief) return report;
  sar_digits(report, seeds, options);
  sar_depths(report, seeds, options);
  sar_growth(report, options);
  return report;
}

} // namespace raphson::optim::tools
