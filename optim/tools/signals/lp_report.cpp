#include "optim/tools/signals/lp_report.h"

#include "optim/report/text.h"

#include <algorithm>

namespace raphson::optim::tools {
namespace {

report::NamedFigure climb_figure(const LpDictionary& learnt) {
  report::Series line{.y = learnt.objective};
  for (std::size_t i = 0; i < learnt.objective.size(); ++i) line.x.push_back(static_cast<double>(i));
  return {"objective",
          {{{"Objective", {"Iteration", "", report::Scale::count}, {"f / r", ""}, {line}}},
           {880, 300},
           "The objective f / r at each iteration of the start that was kept"}};
}

/// Of f over its last tenth of iterations, over its value. A of data that follow the model only roughly goes
/// on turning for long while f stands still: that is not worth a warning.
double late_rise(const std::vector<double>& objective) {
  const std::size_t before = objective.size() - 1 - objective.size() / 10;
  return (objective.back() - objective[before]) / objective.back();
}

} // namespace

void add_climb(report::ToolReport& report, const LpDictionary& learnt, const ColumnSource& y,
               const LpOptions& options) {
  report.values.insert(report.values.end(),
                       {{"rows", y.rows},
                        {"columns", y.columns},
                        {"p", options.p},
                        {"iterations", learnt.iterations},
                        {"objective f / r: mean over columns of |coefficients|^p", learnt.objective.back()}});
  const auto [low, high] = std::minmax_element(learnt.values.begin(), learnt.values.end());
  if (learnt.values.size() > 1) report.values.push_back({"the same of the start that came least far", *low});
  if (y.columns < 20 * y.rows)
    report.warnings.push_back(std::to_string(y.columns) + " columns for " + std::to_string(y.rows)
                              + " rows: fewer than 20 for each, too few to trust");
  if (const double rise = late_rise(learnt.objective); !learnt.converged && rise > 1e-4)
    report.warnings.push_back(
        "still rising after " + std::to_string(learnt.iterations) + " iterations, in the last tenth by "
        + report::format_significant(100 * rise, 2) + " %: the result may depend on the start");
  if (*high - *low > 1e-3 * *high)
    report.warnings.push_back("the starts came to different maxima: more --restarts may find a better one");
  if (!learnt.unique)
    report.warnings.push_back(
        "on the way several rotations did equally well: the data have fewer dimensions than rows, and "
        "some atoms are arbitrary");
  report.figures.push_back(climb_figure(learnt));
}

} // namespace raphson::optim::tools
