#include "optim/tools/solvers/free_lunch_report.h"

#include "optim/report/text.h"

#include <algorithm>
#include <cmath>

namespace raphson::optim::tools {
namespace {

using Eigen::Index;
using report::Cell;
using report::format_significant;
constexpr Index most_plots = 8; // of parameters

std::string label(const FreeLunchNames& names, Index j) {
  const auto k = static_cast<std::size_t>(j);
  const bool has_unit = k < names.units.size() && !names.units[k].empty();
  return names.parameters[k] + (has_unit ? " (" + names.units[k] + ")" : "");
}

report::Table estimates(const FreeLunchResult& r, const FreeLunchOptions& o, const FreeLunchNames& names,
                        const std::optional<ReferenceErrors>& check) {
  const std::string level = format_significant(100 * o.level, 4) + "%";
  report::Table table{{{"parameter"}, {"estimate"}, {"standard error"}, {level + " from"}, {"to"}}, {}};
  if (check)
    for (const char* name : {"full bootstrap", "sandwich", "classical"}) table.columns.push_back({name});
  for (Index j = 0; j < r.estimate.size(); ++j) {
    table.rows.push_back({label(names, j), r.estimate[j], r.standard_error[j], r.low[j], r.high[j]});
    if (check)
      for (const Vector* se : {&check->full_bootstrap, &check->sandwich, &check->classical})
        table.rows.back().push_back((*se)[j]);
  }
  return table;
}

report::Plot trace(const FreeLunchResult& r, const FreeLunchNames& names, Index j) {
  report::Series line{"", {}, {}, {.width = 1}};
  for (Index b = 0; b < r.draws.rows(); ++b) {
    line.x.push_back(static_cast<double>(b + 1));
    line.y.push_back(r.draws(b, j));
  }
  return {label(names, j), {"draw", "", report::Scale::count}, {"", "", report::Scale::linear}, {line}};
}

report::Plot histogram(const FreeLunchResult& r, const FreeLunchNames& names, Index j) {
  constexpr int bins = 40;
  const double low = r.draws.col(j).minCoeff(), width = (r.draws.col(j).maxCoeff() - low) / bins;
  std::vector<double> counts(bins, 0);
  for (Index b = 0; b < r.draws.rows(); ++b)
    counts[static_cast<std::size_t>(std::clamp((r.draws(b, j) - low) / width, 0.0, bins - 1.0))] += 1;
  report::Series steps{"", {}, {}};
  for (int k = 0; k < bins; ++k)
    for (const int edge : {k, k + 1}) {
      steps.x.push_back(low + width * edge);
      steps.y.push_back(counts[static_cast<std::size_t>(k)]);
    }
  return {label(names, j),
          {label(names, j), "", report::Scale::linear},
          {"draws", "", report::Scale::count},
          {steps}};
}

/// The two parameters whose draws go together most.
report::Figure most_correlated(const FreeLunchResult& r, const FreeLunchNames& names) {
  Index a = 0, b = 1;
  double largest = -1;
  for (Index i = 0; i < r.estimate.size(); ++i)
    for (Index j = i + 1; j < r.estimate.size(); ++j) {
      const double c = std::abs(r.covariance(i, j)) / (r.standard_error[i] * r.standard_error[j]);
      if (!(c > largest)) continue;
      largest = c;
      a = i;
      b = j;
    }
  report::Series dots{"", {}, {}, {.mark = report::Mark::markers, .width = 2}};
  const Index step = std::max<Index>(1, r.draws.rows() / 2000);
  for (Index k = 0; k < r.draws.rows(); k += step) {
    dots.x.push_back(r.draws(k, a));
    dots.y.push_back(r.draws(k, b));
  }
  return {{{"",
            {label(names, a), "", report::Scale::linear},
            {label(names, b), "", report::Scale::linear},
            {dots}}},
          {440, 400},
          "Draws of the two parameters that go together most, correlation "
              + format_significant(largest < 0 ? 0 : largest, 2)};
}

report::Figure influence(const FreeLunchResult& r, const FreeLunchNames& names) {
  report::Series dots{"", {}, {}, {.mark = report::Mark::markers, .width = 3}};
  const Vector largest = r.correlation.cwiseAbs().rowwise().maxCoeff();
  for (Index i = 0; i < largest.size(); ++i) {
    dots.x.push_back(static_cast<double>(i + 1));
    dots.y.push_back(largest[i]);
  }
  return {{{"",
            {names.resampled, "", report::Scale::count},
            {"|correlation| with the estimates", "", report::Scale::linear},
            {dots}}},
          {880, 280},
          "Influence of each " + names.resampled + "; above 0.5 it is flagged"};
}

void add_flagged(const FreeLunchResult& r, const FreeLunchNames& names, report::ToolReport& report) {
  if (r.flagged.empty()) return;
  report::Table table{{{names.resampled}, {"parameter"}, {"correlation"}}, {}};
  for (const Index unit : r.flagged) {
    Index j = 0;
    r.correlation.row(unit).cwiseAbs().maxCoeff(&j);
    table.rows.push_back({static_cast<long>(unit + 1), label(names, j), r.correlation(unit, j)});
  }
  report.warnings.push_back(
      std::to_string(r.flagged.size()) + " " + names.resampled
      + (r.flagged.size() == 1            ? " brings"
         : names.resampled.ends_with('h') ? "es bring"
                                          : "s bring")
      + " more than a quarter of an estimate's variance each: the table 'flagged' has them");
  report.tables.push_back({"flagged", "What an estimate hangs on, counted from 1", table});
}

} // namespace

report::ToolReport report_of(const FreeLunchResult& r, const FreeLunchOptions& o, const FreeLunchNames& names,
                             const std::optional<ReferenceErrors>& check) {
  report::ToolReport report;
  report.tables.push_back({"estimates", "Estimates with bootstrap errors", estimates(r, o, names, check)});
  report.values.emplace_back("draws", static_cast<long>(r.draws.rows()));
  report.values.emplace_back("burn-in", r.burn_in);
  report.values.emplace_back("worth independent draws", r.effective_draws);
  report.values.emplace_back("Monte Carlo error of the standard errors",
                             format_significant(100 * r.se_error, 2) + "%");
  report.values.emplace_back("autocorrelation of the draws, mean", r.autocorrelation.mean());
  report.values.emplace_back("expected", 1 - o.gamma);
  report.values.emplace_back("evaluations of gradient and Hessian", r.evaluations);
  if (check)
    report.values.emplace_back("of them in the full bootstrap of " + std::to_string(check->resamples),
                               check->full_evaluations);
  report.warnings = r.warnings;
  add_flagged(r, names, report);

  std::vector<report::Plot> traces, histograms;
  for (Index j = 0; j < std::min(most_plots, r.estimate.size()); ++j) {
    traces.push_back(trace(r, names, j));
    histograms.push_back(histogram(r, names, j));
  }
  const int height = 130 * static_cast<int>(traces.size()) + 60;
  report.figures.push_back({"trace", {traces, {880, height}, "The draws, one after the other"}});
  for (std::size_t k = 0; k < histograms.size(); ++k)
    report.figures.push_back(
        {"draws-" + std::to_string(k + 1),
         {{histograms[k]}, {440, 260}, "Draws, before they are scaled to the estimate's spread"}});
  if (r.estimate.size() > 1) report.figures.push_back({"scatter", most_correlated(r, names)});
  report.figures.push_back({"influence", influence(r, names)});

  report::Table draws{{}, {}};
  for (Index j = 0; j < r.estimate.size(); ++j)
    draws.columns.push_back({names.parameters[static_cast<std::size_t>(j)]});
  for (Index b = 0; b < r.draws.rows(); ++b) {
    draws.rows.emplace_back();
    for (Index j = 0; j < r.draws.cols(); ++j) draws.rows.back().push_back(r.draws(b, j));
  }
  report.files.push_back({"draws.csv", to_csv(draws)});
  return report;
}

} // namespace raphson::optim::tools
