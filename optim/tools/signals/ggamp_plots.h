// Figures of sparse recoveries.
#pragma once

#include "optim/report/tool_report.h"
#include "optim/tools/signals/ggamp_sbl.h"

namespace raphson::optim::tools {

/// A stem of one coefficient: a line from 0, and of 3 standard deviations about its end.
struct Stem {
  double at, value, deviation;
};

/// What is drawn of a vector: all of the support, the `others` with the largest size.
std::vector<Stem> stems_of(const GgampSblResult& result, Eigen::Index column, double per_index,
                           std::size_t others = 0);

report::Plot stem_plot(std::string title, report::Axis x_axis, const std::vector<Stem>& stems);

/// |change| and sigma^2 of each EM step.
report::NamedFigure convergence_figure(const GgampSblResult& result);

} // namespace raphson::optim::tools
