#include "optim/tools/solvers/soap_report.h"

#include "optim/report/text.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace raphson::optim::tools {
namespace {

const std::vector<double>& losses(const GridRun& run) {
  return run.validation_loss.empty() ? run.training_loss : run.validation_loss;
}

double seconds_to(const GridRun& run, double loss) {
  const auto& all = losses(run);
  for (std::size_t k = 0; k < all.size(); ++k)
    if (all[k] <= loss) return run.seconds[k];
  return std::numeric_limits<double>::quiet_NaN();
}

report::Cell or_dash(double value, bool whole) {
  if (!std::isfinite(value)) return "-";
  return whole ? report::Cell(std::lround(value)) : report::Cell::fixed(value, 2);
}

report::Figure spectra_of(const GridRun& run) {
  report::Plot plot{"",
                    {"eigenvalue", "", report::Scale::count},
                    {"share of the largest", "", report::Scale::logarithmic},
                    {}};
  int layer = 0;
  std::string last;
  for (const auto& [name, values] : run.spectra) {
    const std::string matrix = name.substr(0, name.rfind(' '));
    if (matrix != last) ++layer;
    last = matrix;
    report::Series series{name}; // a colour a matrix, its columns dashed
    series.style.colour = static_cast<report::Colour>(1 + (layer - 1) % 6);
    if (name.ends_with("columns")) series.style.dash = report::Dash::dashed;
    for (Eigen::Index i = 0; i < values.size() && values[i] > 1e-12 * values[0]; ++i) {
      series.x.push_back(static_cast<double>(i + 1));
      series.y.push_back(values[i] / values[0]);
    }
    if (!series.x.empty()) plot.series.push_back(std::move(series));
  }
  return {
      {plot}, {880, 380}, "Eigenvalues of the gradients' covariances, L of the rows and R of the columns"};
}

} // namespace

double lowest_final_loss(const OptimiserStudy& study, const std::string& grid) {
  double lowest = std::numeric_limits<double>::infinity();
  for (std::size_t g = 0; g < study.grids.size(); ++g)
    if (study.grids[g].name == grid)
      for (const GridRun& run : study.runs[g])
        lowest = std::min(lowest, run.validation_loss.empty() ? run.final_training_loss()
                                                              : run.final_validation_loss());
  return lowest;
}

double first_below(const GridRun& run, double loss) {
  const auto& all = losses(run);
  for (std::size_t k = 0; k < all.size(); ++k)
    if (all[k] <= loss) return run.at[k];
  return std::numeric_limits<double>::quiet_NaN();
}

void add_soap_study(const OptimiserStudy& study, const std::string& soap_grid, const std::string& reference,
                    const char* unit, report::ToolReport& report) {
  const double goal = lowest_final_loss(study, reference);
  const std::string to = std::string(unit) + " to " + reference + "'s";
  report::Table table{{{"solver"},
                       {"best step"},
                       {"training loss"},
                       {"held-out loss"},
                       {to},
                       {"seconds to it"},
                       {"seconds"},
                       {"rotations"},
                       {"QR, eigen"},
                       {"state, kB"}},
                      {}};
  report::Plot by_step{
      "", {unit, "", report::Scale::linear}, {"held-out loss", "", report::Scale::logarithmic}, {}};
  report::Plot by_seconds{
      "", {"time", "s", report::Scale::linear}, {"held-out loss", "", report::Scale::logarithmic}, {}};
  for (std::size_t g = 0; g < study.grids.size(); ++g) {
    const GridRun& run = study.best(g);
    const double seconds = run.seconds.back();
    const auto share = [&](double part) {
      return part > 0 ? report::Cell::fixed(100 * part / seconds, 0) : report::Cell("-");
    };
    report::Cell rotations = share(run.soap.rotation_seconds), refreshes = share(run.soap.refresh_seconds);
    for (auto* cell : {&rotations, &refreshes})
      if (cell->text != "-") cell->text += "%";
    table.rows.push_back(
        {study.grids[g].name, report::format_significant(run.step, 3) + (study.at_an_end(g) ? " (end)" : ""),
         run.final_training_loss(), losses(run).back(), or_dash(first_below(run, goal), true),
         or_dash(seconds_to(run, goal), false), report::Cell::fixed(seconds, 2), rotations, refreshes,
         report::Cell(static_cast<long>(run.state_bytes / 1000))});
    by_step.series.push_back({study.grids[g].name, run.at, losses(run)});
    by_seconds.series.push_back({study.grids[g].name, run.seconds, losses(run)});
    if (run.soap.failures > 0)
      report.warnings.push_back(study.grids[g].name + ": " + std::to_string(run.soap.failures)
                                + " bases could not be refreshed and were kept");
    for (const GridRun& each : study.runs[g])
      if (!each.broke.empty())
        report.warnings.push_back(study.grids[g].name + " at " + report::format_significant(each.step, 4)
                                  + " diverged: " + each.broke);
  }
  report.tables.push_back(
      {"solvers", "Each at its best step, by the held-out loss, on the same batches", table});
  report.figures.push_back(
      {"loss-by-step", {{by_step}, {880, 360}, std::string("Held-out loss against ") + unit}});
  report.figures.push_back({"loss-by-seconds", {{by_seconds}, {880, 360}, "Held-out loss against time"}});
  for (std::size_t g = 0; g < study.grids.size(); ++g)
    if (study.grids[g].name == soap_grid && !study.best(g).spectra.empty())
      report.figures.push_back({"spectra", spectra_of(study.best(g))});
}

} // namespace raphson::optim::tools
