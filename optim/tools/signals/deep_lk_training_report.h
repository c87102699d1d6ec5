// What `raphson deep-lk train` says: the loss, and how well one step finds motions it was not trained on.
#pragma once

#include "optim/report/tool_report.h"
#include "optim/tools/signals/deep_lk_training.h"

namespace raphson::optim::tools {

report::ToolReport training_report(const std::vector<data::Picture>& pictures, const MotionTraining& training,
                                   const std::string& name);

/// Training losses as means of ten steps, or as they are where there are fewer than 50.
report::Series loss_series(const std::string& name, const std::vector<double>& losses);
report::NamedFigure loss_figure(std::vector<report::Series> losses);

/// The mean length of dp - dp* after one step, over all pairs.
double step_error(MotionEstimator& estimator, const MotionPairs& pairs);

} // namespace raphson::optim::tools
