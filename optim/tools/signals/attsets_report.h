// `raphson attsets`: a network of sets trained on a user's own, what it makes of others, and what each view
// counted for.
#pragma once

#include "optim/report/tool_report.h"
#include "optim/tools/signals/attsets_model.h"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>

namespace raphson::optim::tools {

inline constexpr std::size_t fewest_objects = 50;

struct SetRun {
  bool binary = true;   ///< targets within 0 and 1, cross-entropy; otherwise squared error
  Index train_n = 8;    ///< views of each object in stage 2
  bool compare = false; ///< also train all weights at once
  Index hidden = 160, width = 64;
  std::int64_t base_steps = 2500, attention_steps = 800, joint_steps = 1200;
  double learning_rate = 2e-3;
  std::uint64_t seed = 1;
  std::size_t threads = 1;
  std::function<void(const std::string&)> progress = {};
};

/// Trains on four fifths of the objects and judges by the others. Throws InputError for fewer than 50 objects
/// and where no set has two views, or train_n is 1: no gradient would reach the attention.
report::ToolReport set_training_report(const ViewSets& sets, const Targets& targets, const SetRun& run);

report::ToolReport set_result_report(const SetModel& model, const ViewSets& sets);

/// A picture of sets: a set a line, its views, under each a bar of its share (half full for 1 / N, full from
/// twice that on), then the result and, where there are targets, the target. Images as they are, other values
/// as curves.
struct PicturedSets {
  const ViewSets& sets;
  const SetModel::Result& result;
  const data::RowMatrix* targets = nullptr;
  ImageSize result_image = {};
  std::size_t most_sets = 8;
  Index most_views = 8;
};
report::NamedImage set_picture(const PicturedSets& pictured, const std::string& caption);

} // namespace raphson::optim::tools
