// The card's experiment: handwritten digits seen through small noisy windows.
#pragma once

#include "optim/tools/demo.h"
#include "optim/tools/signals/attsets_views.h"

namespace raphson::optim::tools {

report::ToolReport attsets_demo(const DemoOptions& options);

/// Processor time of merging one set, by its views N: the paper's O(N D^2).
void attsets_growth(report::ToolReport& report, const DemoOptions& options);

/// Windows on digits of 14 x 14 pixels, `views` of each: 8 x 8 pixels at a random place, with normal noise of
/// a level drawn from 0.05 to 0.8, uniform in its logarithm; 0 outside.
struct WindowedDigits {
  ViewSets sets;
  std::vector<double> levels; ///< of each view
};
WindowedDigits windowed_digits(const data::Dataset& digits, Index views, RandomStream& random);
SetSource windowed_source(const data::Dataset& digits, Index most);

} // namespace raphson::optim::tools
