#include "optim/tools/signals/ggamp_plots.h"

#include <algorithm>
#include <cmath>

namespace raphson::optim::tools {

using report::Axis;
using report::Plot;
using report::Scale;
using report::Series;

std::vector<Stem> stems_of(const GgampSblResult& result, Eigen::Index column, RowRange rows, double per_index,
                           std::size_t others) {
  std::vector<Stem> stems, rest;
  for (Eigen::Index k = 0; k < rows.count; ++k) {
    const Eigen::Index n = rows.first + k;
    (result.in_support(n, column) ? stems : rest)
        .push_back(
            {per_index * static_cast<double>(k), result.x(n, column), std::sqrt(result.tau_x(n, column))});
  }
  others = std::min(others, rest.size());
  std::partial_sort(rest.begin(), rest.begin() + static_cast<std::ptrdiff_t>(others), rest.end(),
                    [](const Stem& a, const Stem& b) { return std::abs(a.value) > std::abs(b.value); });
  stems.insert(stems.end(), rest.begin(), rest.begin() + static_cast<std::ptrdiff_t>(others));
  std::sort(stems.begin(), stems.end(), [](const Stem& a, const Stem& b) { return a.at < b.at; });
  return stems;
}

namespace {

/// Upright lines, with gaps between them.
void add_line(Series& series, double at, double from, double to) {
  for (const double y : {from, to, double(NAN)}) {
    series.x.push_back(at);
    series.y.push_back(y);
  }
}

} // namespace

report::Range range_of(const std::vector<Stem>& stems) {
  double low = 0, high = 0;
  for (const Stem& stem : stems) {
    low = std::min(low, stem.value - 3 * stem.deviation);
    high = std::max(high, stem.value + 3 * stem.deviation);
  }
  const double room = high > low ? 0.06 * (high - low) : 1;
  return {low - room, high + room};
}

Plot stem_plot(std::string title, Axis x_axis, const std::vector<Stem>& stems, report::Range values) {
  Series lines{.name = "coefficient", .style = {.colour = report::Colour::blue}};
  Series ends{.style = {.mark = report::Mark::markers, .colour = report::Colour::blue, .width = 5}};
  Series errors{.name = "+- 3 standard deviations",
                .style = {.colour = report::Colour::orange, .width = 1.2}};
  for (const Stem& stem : stems) {
    add_line(lines, stem.at, 0, stem.value);
    if (stem.deviation > 0)
      add_line(errors, stem.at, stem.value - 3 * stem.deviation, stem.value + 3 * stem.deviation);
    ends.x.push_back(stem.at);
    ends.y.push_back(stem.value);
  }
  Plot plot{std::move(title), std::move(x_axis), {.label = "Value", .range = values}, {lines}};
  if (!errors.x.empty()) plot.series.push_back(errors);
  plot.series.push_back(ends);
  return plot;
}

report::NamedFigure convergence_figure(const GgampSblResult& result) {
  Series change, noise;
  for (const GgampSblStep& step : result.history) {
    change.x.push_back(step.steps);
    change.y.push_back(step.change);
    noise.x.push_back(step.steps);
    noise.y.push_back(step.noise);
  }
  const Axis steps{"EM step", "", Scale::count};
  return {"convergence",
          {{{"Change", steps, {"|change|^2 / |x|^2", "", Scale::logarithmic}, {change}},
            {"Noise", steps, {"Variance", "", Scale::logarithmic}, {noise}}},
           {880, 460},
           "Convergence of EM"}};
}

} // namespace raphson::optim::tools
