// The card's experiment: what a small handwritten digit does on a moving ground.
#pragma once

#include "optim/data/dataset.h"
#include "optim/tools/demo.h"
#include "optim/tools/signals/aztr_clips.h"

#include <cstddef>
#include <cstdint>
#include <vector>

namespace raphson::optim::tools {

report::ToolReport aztr_demo(const DemoOptions& options);

struct DigitClips {
  Clips clips;
  std::vector<int> labels;     ///< data::DigitAction
  std::vector<ClipBox> places; ///< of every frame, clip after clip
  data::RowMatrix digits;      ///< [clip][pixel], the digit that it shows
};
/// `count` clips, the actions in turn, each of a digit drawn from these by the stream.
DigitClips digit_clips(const data::Dataset& digits, std::size_t count, std::uint64_t seed,
                       const char* stream);

} // namespace raphson::optim::tools
