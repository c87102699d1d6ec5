#include "optim/tools/solvers/optimiser_study.h"

#include "dsp/error.h"
#include "optim/engine/parallel.h"
#include "optim/engine/stopwatch.h"
#include "optim/nn/train.h"
#include "optim/report/text.h"

#include <Eigen/Eigenvalues>

#include <algorithm>
#include <atomic>
#include <cmath>
#include <limits>

namespace raphson::optim::tools {
namespace {

constexpr double infinite = std::numeric_limits<double>::infinity();

double last_or_infinite(const GridRun& run, const std::vector<double>& losses) {
  return run.finite && !losses.empty() && std::isfinite(losses.back()) ? losses.back() : infinite;
}

/// Eigenvalues of the covariances, largest first.
std::vector<std::pair<std::string, Vector>> spectra_of(const SoapRule<double>& rule,
                                                       const ParameterBlocks& blocks) {
  std::vector<std::pair<std::string, Vector>> spectra;
  const auto add = [&](const std::string& name, const SoapRule<double>::Side& side) {
    if (side.rotates())
      spectra.emplace_back(name, side.covariance.selfadjointView<Eigen::Lower>().eigenvalues().reverse());
  };
  for (std::size_t i = 0; i < blocks.size(); ++i) {
    add(blocks[i].name + " rows", rule.left(i));
    add(blocks[i].name + " columns", rule.right(i));
  }
  return spectra;
}

template <class T>
GridRun train(const TableNetwork& network, const data::Dataset& training, const data::Dataset* validation,
              const OptimiserGrid& grid, double step, const StudyOptions& o,
              const std::function<void()>& each_look) {
  const auto objective = network.objective<T>(training);
  const auto held_out = validation ? network.objective<T>(*validation) : nullptr;
  const ParameterBlocks blocks = nn::blocks_of(network.layout());
  const auto rule = make_rule<double>(with_learning_rate(grid.rule, step), blocks);
  GridRun run{.step = step, .state_bytes = rule->state_bytes()};
  const int every =
      o.steps > 0 ? o.look_every : static_cast<int>((training.size() + o.batch_size - 1) / o.batch_size);
  double spent = 0;
  Stopwatch stopwatch;
  const auto look = [&](const Step& s) {
    spent += stopwatch.seconds();
    run.at.push_back(o.steps > 0 ? s.iteration : s.iteration / every);
    run.training_loss.push_back(objective->value(s.x));
    if (held_out) run.validation_loss.push_back(held_out->value(s.x));
    run.seconds.push_back(spent);
    each_look();
    stopwatch = {};
  };
  const Result r = minimise(*objective, network.start(o.seed), *rule,
                            FirstOrderOptions{.rule = grid.rule,
                                              .maximum_iterations = o.steps,
                                              .batch_size = o.batch_size,
                                              .epochs = o.steps > 0 ? 0 : o.epochs,
                                              .seed = o.seed,
                                              .schedule = grid.schedule,
                                              .blocks = blocks},
                            [&](const Step& s) {
                              if (s.iteration % every == 0) look(s);
                              return Control::proceed;
                            });
  run.parameters = r.x;
  run.finite = r.stop_reason != StopReason::not_finite && std::isfinite(run.training_loss.back());
  run.broke = r.detail;
  if (const auto* soap = dynamic_cast<const SoapRule<double>*>(rule.get())) {
    run.soap = soap->statistics();
    if (run.finite) run.spectra = spectra_of(*soap, blocks);
  }
  return run;
}

} // namespace

double GridRun::final_training_loss() const { return last_or_infinite(*this, training_loss); }
double GridRun::final_validation_loss() const { return last_or_infinite(*this, validation_loss); }

std::vector<double> usual_steps(const RuleSettings& rule) {
  if (const auto* sgd = std::get_if<SgdSettings>(&rule))
    return sgd->momentum > 0 ? std::vector<double>{.003, .01, .03, .1, .3}
                             : std::vector<double>{.03, .1, .3, 1, 3};
  if (std::holds_alternative<AdaGradSettings>(rule)) return {.01, .03, .1, .3, 1};
  if (std::holds_alternative<MFacSettings>(rule)) return {.01, .03, .1, .3};
  return {.001, .003, .01, .03, .1};
}

std::size_t OptimiserStudy::best_step(std::size_t grid, bool by_training) const {
  const auto loss = [&](const GridRun& run) {
    return by_training || run.validation_loss.empty() ? run.final_training_loss()
                                                      : run.final_validation_loss();
  };
  const auto& of_grid = runs[grid];
  return static_cast<std::size_t>(
      std::min_element(of_grid.begin(), of_grid.end(),
                       [&](const GridRun& a, const GridRun& b) { return loss(a) < loss(b); })
      - of_grid.begin());
}

bool OptimiserStudy::at_an_end(std::size_t grid, bool by_training) const {
  const auto& steps = grids[grid].steps;
  const double best_one = steps[best_step(grid, by_training)];
  return steps.size() > 1
         && (best_one == *std::min_element(steps.begin(), steps.end())
             || best_one == *std::max_element(steps.begin(), steps.end()));
}

std::size_t OptimiserStudy::best_grid() const {
  const auto loss = [&](std::size_t g) {
    const GridRun& run = best(g);
    return run.validation_loss.empty() ? run.final_training_loss() : run.final_validation_loss();
  };
  std::size_t best_one = 0;
  for (std::size_t g = 1; g < grids.size(); ++g)
    if (loss(g) < loss(best_one)) best_one = g;
  return best_one;
}

template <class T>
OptimiserStudy run_study(const TableNetwork& network, const data::Dataset& training,
                         const data::Dataset* validation, std::vector<OptimiserGrid> grids,
                         const StudyOptions& o) {
  if (grids.empty()) throw InputError("--optimisers: the list is empty, adam for instance");
  if (o.batch_size < 1 || o.batch_size > training.size())
    throw InputError("--batch: " + std::to_string(o.batch_size) + " of the " + std::to_string(training.size())
                     + " training rows, it must be from 1 to as many; full takes all");
  if (o.epochs < 1) throw InputError("--epochs: " + std::to_string(o.epochs) + ", at least 1 is needed");
  OptimiserStudy study{std::move(grids), {}};
  std::vector<std::pair<std::size_t, std::size_t>> jobs;
  for (std::size_t g = 0; g < study.grids.size(); ++g) {
    const OptimiserGrid& grid = study.grids[g];
    if (grid.steps.empty()) throw InputError("--steps: the list is empty for " + grid.name);
    study.runs.emplace_back(grid.steps.size());
    for (std::size_t s = 0; s < grid.steps.size(); ++s) {
      make_rule<T>(with_learning_rate(grid.rule, grid.steps[s]), one_block(1)); // refuses what it cannot take
      jobs.emplace_back(g, s);
    }
  }
  std::atomic<std::size_t> done{0};
  parallel_for(jobs.size(), o.threads, [&](std::size_t job, std::size_t thread) {
    const auto [g, s] = jobs[job];
    const OptimiserGrid& grid = study.grids[g];
    study.runs[g][s] =
        train<T>(network, training, validation, grid, grid.steps[s], o, [&, &name = grid.name] {
          if (thread == 0 && o.progress)
            o.progress(name + ", " + std::to_string(done.load()) + " of " + std::to_string(jobs.size())
                       + " runs done");
        });
    ++done;
  });
  return study;
}
template OptimiserStudy run_study<float>(const TableNetwork&, const data::Dataset&, const data::Dataset*,
                                         std::vector<OptimiserGrid>, const StudyOptions&);
template OptimiserStudy run_study<double>(const TableNetwork&, const data::Dataset&, const data::Dataset*,
                                          std::vector<OptimiserGrid>, const StudyOptions&);

namespace {

/// Epochs until the training loss is within 5% of the best of all, or none.
report::Cell epochs_to(const GridRun& run, double best) {
  for (std::size_t e = 0; e < run.training_loss.size(); ++e)
    if (run.training_loss[e] <= 1.05 * best) return report::Cell(e);
  return report::Cell("-");
}

std::string text_of(const std::vector<double>& steps) {
  std::string text;
  for (const double s : steps) text += (text.empty() ? "" : " ") + report::format_significant(s, 3);
  return text;
}

report::Table table_of(const OptimiserStudy& study, const TableNetwork& network,
                       const data::Dataset& training, const data::Dataset* validation) {
  report::Table table{{{"optimiser"}, {"best step"}, {"training loss"}}, {}};
  if (validation) table.columns.push_back({"validation loss"});
  table.columns.push_back({std::string(validation ? "validation " : "training ") + network.score_name()});
  for (const char* name : {"epochs to 5%", "worst / best step", "diverged", "seconds"})
    table.columns.push_back({name});
  table.columns.push_back({"steps tried", report::Align::left});
  double best = infinite;
  for (const auto& runs : study.runs)
    for (const GridRun& run : runs) best = std::min(best, run.final_training_loss());
  for (std::size_t g = 0; g < study.grids.size(); ++g) {
    const GridRun& run = study.best(g);
    double low = infinite, high = 0;
    int diverged = 0;
    for (const GridRun& each : study.runs[g]) {
      diverged += !each.finite;
      low = std::min(low, each.final_training_loss());
      high = std::max(high, each.finite ? each.final_training_loss() : 0);
    }
    std::vector<report::Cell> row{study.grids[g].name,
                                  report::format_significant(run.step, 4)
                                      + (study.at_an_end(g) ? " (end of list)" : ""),
                                  run.final_training_loss()};
    if (validation) row.push_back(run.final_validation_loss());
    row.push_back(run.finite ? network.score(run.parameters, validation ? *validation : training)
                             : std::numeric_limits<double>::quiet_NaN());
    row.insert(row.end(),
               {epochs_to(run, best), report::Cell::significant(high / low, 3), report::Cell(diverged),
                report::Cell::fixed(run.seconds.back(), 2), text_of(study.grids[g].steps)});
    table.rows.push_back(std::move(row));
  }
  return table;
}

} // namespace

void add_study(const OptimiserStudy& study, const TableNetwork& network, const data::Dataset& training,
               const data::Dataset* validation, report::ToolReport& report) {
  report.tables.push_back({"optimisers",
                           std::string("Each at its best step, chosen by the ")
                               + (validation ? "validation" : "training") + " loss, on the same batches",
                           table_of(study, network, training, validation)});
  report::Plot by_epoch{
      "", {"epoch", "", report::Scale::count}, {"training loss", "", report::Scale::logarithmic}, {}};
  report::Plot by_step{"",
                       {"step size", "", report::Scale::logarithmic},
                       {"final training loss", "", report::Scale::logarithmic},
                       {}};
  for (std::size_t g = 0; g < study.grids.size(); ++g) {
    const GridRun& run = study.best(g);
    by_epoch.series.push_back({study.grids[g].name, run.at, run.training_loss});
    report::Series series{study.grids[g].name};
    for (const GridRun& each : study.runs[g])
      if (each.finite) {
        series.x.push_back(each.step);
        series.y.push_back(each.final_training_loss());
      }
    by_step.series.push_back(std::move(series));
    if (study.at_an_end(g))
      report.warnings.push_back(study.grids[g].name + ": its best step, "
                                + report::format_significant(run.step, 4)
                                + ", is at an end of its list; a longer list may do better");
    for (const GridRun& each : study.runs[g])
      if (!each.broke.empty())
        report.warnings.push_back(study.grids[g].name + " at " + report::format_significant(each.step, 4)
                                  + " diverged: " + each.broke);
  }
  report.figures.push_back(
      {"loss-by-epoch", {{by_epoch}, {880, 340}, "Training loss at each optimiser's best step"}});
  report.figures.push_back({"loss-by-step", {{by_step}, {520, 340}, "Final training loss by step size"}});
}

} // namespace raphson::optim::tools
