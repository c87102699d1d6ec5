#include "optim/tools/signals/lp_report.h"

#include <algorithm>

namespace raphson::optim::tools {
namespace {

report::NamedFigure climb_figure(const LpDictionary& learnt) {
  report::Series line{.y = learnt.objective};
  for (std::size_t i = 0; i < learnt.objective.size(); ++i) line.x.push_back(static_cast<double>(i));
  return {"objective",
          {{{"Objective", {"Iteration", "", report::Scale::count}, {"f / r", ""}, {line}}},
           {880, 300},
           "The lp norm at each iteration of the start that was kept"}};
}

} // namespace

void add_climb(report::ToolReport& report, const LpDictionary& learnt, const ColumnSource& y,
               const LpOptions& options) {
  report.values.insert(report.values.end(), {{"rows", y.rows},
                                             {"columns", y.columns},
                                             {"p", options.p},
                                             {"iterations", learnt.iterations},
                                             {"f / r", learnt.objective.back()}});
  const auto [low, high] = std::minmax_element(learnt.values.begin(), learnt.values.end());
  report.values.push_back({"f / r, the least of the starts", *low});
  if (y.columns < 20 * y.rows)
    report.warnings.push_back(std::to_string(y.columns) + " columns for " + std::to_string(y.rows)
                              + " rows: fewer than 20 for each, too few to trust");
  if (!learnt.converged)
    report.warnings.push_back("still moving after " + std::to_string(learnt.iterations)
                              + " iterations: the result may depend on the start");
  if (*high - *low > 1e-3 * *high)
    report.warnings.push_back("the starts came to different maxima: more --restarts may find a better one");
  if (!learnt.unique)
    report.warnings.push_back(
        "on the way several rotations did equally well: the data have fewer dimensions than rows, and "
        "some atoms are arbitrary");
  report.figures.push_back(climb_figure(learnt));
}

} // namespace raphson::optim::tools
