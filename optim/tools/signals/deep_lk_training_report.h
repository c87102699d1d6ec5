// What `raphson deep-lk train` says: the loss, and how well one step finds motions it was not trained on.
#pragma once

#include "optim/report/tool_report.h"
#include "optim/tools/signals/deep_lk_training.h"

namespace raphson::optim::tools {

report::ToolReport training_report(const std::vector<data::Picture>& pictures, const MotionTraining& training,
                                   const std::string& name);

/// The mean length of dp - dp* after one step, over all pairs.
double step_error(MotionEstimator& estimator, const MotionPairs& pairs);

} // namespace raphson::optim::tools
