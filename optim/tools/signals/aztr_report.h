// `raphson aztr`: a reader of actions trained on a user's clips, and what it says of others.
#pragma once

#include "optim/data/split.h"
#include "optim/report/tool_report.h"
#include "optim/tools/signals/aztr_model.h"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>

namespace raphson::optim::tools {

struct AztrRun {
  ZoomSettings zoom = {};
  int size = 16;     ///< of the crops
  double budget = 0; ///< millions of multiply-adds a clip that K and S are chosen under; 0: K and S as given
  int epochs = 16;
  std::int64_t detector_steps = 250;
  double learning_rate = 3e-3, detector_rate = 4e-3;
  std::uint64_t seed = 1;
  std::size_t threads = 1;
  std::function<void(const std::string&)> progress = {};
};

/// The pairs of K and S that a budget is spent on, the rule by which one is chosen: the smallest K, then the
/// largest S under it. Throws InputError where none is, naming what the cheapest costs.
struct BudgetPair {
  int every = 2, size = 16;
  double cost = 0; ///< multiply-adds a clip
};
std::vector<BudgetPair> budget_pairs(const AztrModel& model, const Clips& clips);
BudgetPair choose_pair(std::span<const BudgetPair> pairs, double multiply_adds);

/// The clips trained on and the fifth of each class that is held out, one at least.
data::Split aztr_split(const ClipLabels& labels, std::uint64_t seed);

/// By aztr_split; what is held out takes no part in any training. boxes: empty where the zoom is not
/// learned. Throws InputError for a class of a single clip.
report::ToolReport aztr_training_report(const Clips& clips, const ClipLabels& labels,
                                        std::span<const ClipBox> boxes, const AztrRun& run);

report::ToolReport aztr_result_report(const AztrModel& model, const Clips& clips, std::size_t threads);

/// A clip a line: every frame with the crop's border, under it the crop.
report::NamedImage zoom_picture(const Clips& clips, std::span<const ZoomPath> paths, int size,
                                std::span<const std::size_t> chosen, const std::string& caption);

/// Held-out clips by what they are (rows) and what they were taken for (columns).
report::Table confusion_table(const data::RowMatrix& probabilities, std::span<const int> labels,
                              std::span<const std::string> classes);

} // namespace raphson::optim::tools
