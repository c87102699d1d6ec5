// Pictures and figures of what a completion model did before and after it forgot.
#pragma once

#include "optim/report/tool_report.h"
#include "optim/tools/solvers/completion_measures.h"

#include <string>
#include <vector>

namespace raphson::optim::tools {

/// The first images of both sets as columns: truth, masked, before, after, completion of noise; and the
/// embeddings on their two principal axes.
void add_completion_pictures(const CompletionModel& before, const CompletionModel& after,
                             const JudgedImages& retain, const JudgedImages& forget,
                             report::ToolReport& report);

/// A group of images that were kept apart to judge by.
struct JudgedGroup {
  std::string name;
  std::string use; ///< "forgotten", "retained" or ""
  JudgedImages images;
};

/// A line a group, before and after: error, Frechet distance, share recognised, and the mean over images of
/// (1/k) |E(T(x)) - E_0(T(n))|^2 to as many noise images.
report::Table completion_table(const CompletionModel& before, const CompletionModel& after,
                               const std::vector<JudgedGroup>& groups, const ImageClassifier& classifier);

} // namespace raphson::optim::tools
