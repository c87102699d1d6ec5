#include "optim/report/text.h"
#include "optim/tools/solvers/gradient_regularization.h"

#include <algorithm>
#include <array>
#include <cmath>

namespace raphson::optim::tools {
namespace {

constexpr std::array modes{Regulariser::none,     Regulariser::forward,
                           Regulariser::backward, Regulariser::double_backprop,
                           Regulariser::flood,    Regulariser::sam};

report::Table table_of(const std::vector<RegularisedRun>& runs, const TableNetwork& network) {
  report::Table table{{{"training"},
                       {std::string("validation ") + network.score_name()},
                       {"validation loss"},
                       {"training loss"},
                       {"|∇L|²"},
                       {"top eigenvalue"},
                       {"gradients"},
                       {"Hessian products"}},
                      {}};
  for (const RegularisedRun& run : runs) {
    if (!run.broke.empty()) {
      table.rows.push_back(
          {to_string(run.cell), "diverged", "-", "-", "-", "-", run.gradients, run.hessian_products});
      continue;
    }
    table.rows.push_back({to_string(run.cell), report::Cell::fixed(run.score, 3), run.validation_loss,
                          run.training_loss, report::Cell::significant(run.squared_gradient.back(), 3),
                          report::Cell::significant(run.top_eigenvalue, 3), run.gradients,
                          run.hessian_products});
  }
  return table;
}

/// The score against epsilon over gamma, a line for each mode and gamma.
report::Figure grid_figure(const std::vector<RegularisedRun>& runs, const char* score) {
  report::Plot plot{"",
                    {"γ", "", report::Scale::logarithmic},
                    {std::string("validation ") + score, "", report::Scale::linear},
                    {}};
  const auto series_named = [&](const std::string& name) -> report::Series& {
    for (report::Series& series : plot.series)
      if (series.name == name) return series;
    return plot.series.emplace_back(
        report::Series{.name = name, .style = {.mark = report::Mark::markers, .width = 6}});
  };
  for (const RegularisedRun& run : runs) {
    const RegularisedCell& c = run.cell;
    if (!run.broke.empty() || !(c.gamma > 0) || c.mode == Regulariser::flood) continue;
    std::string name = name_of(c.mode);
    if (c.mode != Regulariser::double_backprop)
      name += c.epsilon == c.gamma ? ", ε = γ"
                                   : ", ε = " + report::format_significant(c.epsilon / c.gamma, 3) + " γ";
    report::Series& series = series_named(name);
    series.x.push_back(c.gamma);
    series.y.push_back(run.score);
  }
  const std::size_t none = best_run(runs, Regulariser::none);
  if (none < runs.size() && !plot.series.empty()) {
    double low = plot.series[0].x[0], high = low;
    for (const report::Series& series : plot.series)
      for (const double x : series.x) {
        low = std::min(low, x);
        high = std::max(high, x);
      }
    plot.series.push_back({"none", {low, high}, {runs[none].score, runs[none].score}});
  }
  return {{plot}, {880, 380}, std::string("Validation ") + score + " over the grid"};
}

} // namespace

void add_runs(const std::vector<RegularisedRun>& runs, const TableNetwork& network,
              report::ToolReport& report) {
  report.tables.push_back(
      {"runs", "Every cell of the grid, on the same minibatches", table_of(runs, network)});
  report::Plot loss{
      "", {"epoch", "", report::Scale::count}, {"training loss", "", report::Scale::logarithmic}, {}};
  report::Plot gradient{
      "", {"epoch", "", report::Scale::count}, {"|∇L|²", "", report::Scale::logarithmic}, {}};
  for (const Regulariser mode : modes) {
    const std::size_t best = best_run(runs, mode);
    if (best == runs.size()) continue;
    const RegularisedRun& run = runs[best];
    loss.series.push_back({to_string(run.cell), run.epochs, run.loss});
    gradient.series.push_back({to_string(run.cell), run.epochs, run.squared_gradient});
  }
  report::Figure grid = grid_figure(runs, network.score_name());
  if (!grid.plots[0].series.empty()) report.figures.push_back({"grid", std::move(grid)});
  report.figures.push_back(
      {"loss-by-epoch", {{loss, gradient}, {880, 640}, "Loss and squared gradient, each kind at its best"}});
  for (const RegularisedRun& run : runs) {
    if (!run.broke.empty())
      report.warnings.push_back(to_string(run.cell) + " diverged: " + run.broke + "; halve γ");
    if (run.cell.mode == Regulariser::flood && run.cell.gamma > run.first_loss)
      report.warnings.push_back(to_string(run.cell) + " is above the loss at the start, "
                                + report::format_significant(run.first_loss, 3)
                                + ": it ascends from the first step");
  }
}

} // namespace raphson::optim::tools
