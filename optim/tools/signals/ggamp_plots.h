// Figures of sparse recoveries.
#pragma once

#include "optim/report/tool_report.h"
#include "optim/tools/signals/ggamp_sbl.h"

namespace raphson::optim::tools {

/// A stem of one coefficient: a line from 0, and of 3 standard deviations about its end.
struct Stem {
  double at, value, deviation;
};

struct RowRange {
  Eigen::Index first, count;
};

/// What is drawn of some rows of a column of x, counted from the first of them: all of the support, and the
/// `others` with the largest size.
std::vector<Stem> stems_of(const GgampSblResult& result, Eigen::Index column, RowRange rows, double per_index,
                           std::size_t others);

/// The values that hold all stems with their deviations, and 0, with some room.
report::Range range_of(const std::vector<Stem>& stems);

report::Plot stem_plot(std::string title, report::Axis x_axis, const std::vector<Stem>& stems,
                       report::Range values);

/// |change| and sigma^2 of each EM step.
report::NamedFigure convergence_figure(const GgampSblResult& result);

} // namespace raphson::optim::tools
