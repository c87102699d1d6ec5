#include "optim/tools/solvers/margin_report.h"

#include "optim/engine/statistics.h"
#include "optim/report/text.h"

#include <algorithm>
#include <array>
#include <cmath>

namespace raphson::optim::tools {
namespace {

using Eigen::Index;
using report::Cell;

/// 0 where one repeat says nothing of it.
double error_of(const Vector& values) { return values.size() < 2 ? 0 : standard_error(values); }

bool has_passive(const MarginStudy& study) {
  return std::any_of(study.strategies.begin(), study.strategies.end(),
                     [](const StrategyErrors& s) { return s.strategy == LabellingStrategy::passive; });
}

report::Table error_table(const MarginStudy& study) {
  report::Table table{{{"labels"}, {"strategy"}, {"test error"}, {"standard error"}}, {}};
  const bool passive = has_passive(study);
  if (passive)
    for (const char* name : {"error - pl", "95% from", "to", "repeats that pl wins"})
      table.columns.push_back({name});
  for (Index b = 0; b < static_cast<Index>(study.budgets.size()); ++b)
    for (const StrategyErrors& s : study.strategies) {
      const Vector errors = s.errors.row(b);
      std::vector<Cell> row{study.budgets[static_cast<std::size_t>(b)], name_of(s.strategy), errors.mean(),
                            error_of(errors)};
      if (passive && s.strategy == LabellingStrategy::passive) row.insert(row.end(), 4, Cell("-"));
      if (passive && s.strategy != LabellingStrategy::passive) {
        const Vector pl = study.of(LabellingStrategy::passive).errors.row(b);
        const PairedDifference d = paired_difference(errors, pl), wins = paired_difference(pl, errors);
        for (const double v : {d.mean, d.low, d.high, wins.share_below}) row.push_back(v);
      }
      table.rows.push_back(std::move(row));
    }
  return table;
}

report::Table diagnostics(const MarginStudy& study) {
  report::Table table{
      {{"queried by"}, {"mean distance of queried rows"}, {"of the pool"}, {"share of the first class"}}, {}};
  for (const StrategyErrors& s : study.strategies)
    table.rows.push_back(
        {name_of(s.strategy), s.queried_a_bar.mean(), study.pool_a_bar, s.first_class_share.mean()});
  return table;
}

report::Plot learning_curves(const MarginStudy& study) {
  report::Plot plot{
      "", {"labels", "", report::Scale::logarithmic}, {"test error", "", report::Scale::linear}, {}};
  const std::vector<double> x(study.budgets.begin(), study.budgets.end());
  constexpr std::array colours{report::Colour::blue, report::Colour::orange, report::Colour::green,
                               report::Colour::purple, report::Colour::red};
  for (std::size_t k = 0; k < study.strategies.size(); ++k) {
    const StrategyErrors& s = study.strategies[k];
    report::Series line{name_of(s.strategy), x, {}, {.colour = colours[k % colours.size()]}}, band = line;
    band.name.clear();
    band.style.mark = report::Mark::band;
    for (Index b = 0; b < s.errors.rows(); ++b) {
      const double mean = s.errors.row(b).mean(), error = error_of(s.errors.row(b));
      line.y.push_back(mean);
      band.y.push_back(mean + error);
      band.y_low.push_back(mean - error);
    }
    plot.series.push_back(std::move(band));
    plot.series.push_back(std::move(line));
  }
  return plot;
}

/// Shares of the values in equal bins, as steps.
report::Series histogram(const std::string& name, const std::vector<double>& values, double top) {
  constexpr int bins = 40;
  std::vector<double> counts(bins, 0);
  for (const double v : values)
    if (v <= top) counts[static_cast<std::size_t>(std::min(bins - 1.0, v / top * bins))] += 1;
  report::Series series{name, {}, {}};
  for (int k = 0; k < bins; ++k)
    for (const int edge : {k, k + 1}) {
      series.x.push_back(top * edge / bins);
      series.y.push_back(counts[static_cast<std::size_t>(k)]
                         / static_cast<double>(std::max<std::size_t>(values.size(), 1)));
    }
  return series;
}

report::Plot distances(const MarginStudy& study) {
  report::Plot plot{"",
                    {"distance to the all-labels boundary", "", report::Scale::linear},
                    {"share of rows", "", report::Scale::linear},
                    {}};
  const double top = *std::max_element(study.pool_distances.begin(), study.pool_distances.end());
  if (!(top > 0)) return plot;
  plot.series.push_back(histogram("pool", study.pool_distances, top));
  plot.series.back().style.colour = report::Colour::neutral;
  for (std::size_t k = 0; k < study.strategies.size(); ++k)
    if (study.strategies[k].strategy != LabellingStrategy::passive && !study.queried_distances[k].empty())
      plot.series.push_back(
          histogram(name_of(study.strategies[k].strategy), study.queried_distances[k], top));
  return plot;
}

} // namespace

void add_study(const MarginStudy& study, const MarginStudyOptions& options, const std::string& what,
               const std::string& prefix, report::ToolReport& report) {
  report.tables.push_back(
      {prefix, "Test errors of " + what + ", mean of " + std::to_string(options.repeats) + " repeats",
       error_table(study)});
  report.tables.push_back({prefix + "-queries", "What was asked for: " + what, diagnostics(study)});
  if (study.redrawn > 0)
    report.warnings.push_back(what + ": " + std::to_string(study.redrawn)
                              + " seed sets lacked a class and were drawn again");
  if (study.budgets.size() > 1)
    report.figures.push_back({prefix + "-curves",
                              {{learning_curves(study)},
                               {880, 360},
                               "Test error by the number of labels, bands of one standard error: " + what}});
  report.figures.push_back(
      {prefix + "-distances",
       {{distances(study)}, {880, 320}, "How near the boundary the queried rows lie: " + what}});
}

} // namespace raphson::optim::tools
