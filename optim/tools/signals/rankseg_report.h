// What `raphson rankseg-rma` makes of a user's probability maps: masks or labels, what each class is expected
// to overlap with the truth, and what it does where that is known.
#pragma once

#include "optim/tools/signals/rankseg_files.h"

#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace raphson::optim::tools {

struct RankSegRun {
  RankSegOptions options = {};
  bool exclusive = false;             ///< one class a pixel, of at least two
  bool exact = false;                 ///< V(t) as well
  std::vector<ClassMasks> truth = {}; ///< [sample], or empty
  std::size_t threads = 1;
  std::function<void(const std::string&)> progress = {};
};

/// Throws InputError for exclusive masks of one class, and for --exact beyond most_exact_pixels.
report::ToolReport rankseg_report(const ProbabilityMaps& maps, const RankSegRun& run);

/// The rule that is compared with, marked in a plot: where p > 0.5 ends, or another number of pixels.
struct PlainMark {
  std::string name = "p > 0.5";
  std::optional<std::size_t> count = {};
};

/// W(t), and V(t) where `exact`, with t* and the mark.
report::Plot rankseg_plot(std::span<const double> p, OverlapMetric metric, bool exact,
                          const std::string& title, const PlainMark& plain = {});

} // namespace raphson::optim::tools
