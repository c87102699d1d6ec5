#include "optim/tools/solvers/m_fac_report.h"

#include "dsp/error.h"
#include "optim/engine/parallel.h"
#include "optim/report/text.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace raphson::optim::tools {

std::vector<PruningRun> run_prunings(const TableNetwork& network, const data::Dataset& training,
                                     const data::Dataset& held_out, const Vector& parameters,
                                     const PruningStudyOptions& o) {
  if (o.sparsities.empty()) throw InputError("--sparsity: the list is empty, .5,.75,.9 for instance");
  for (std::size_t k = 0; k < o.sparsities.size(); ++k)
    if (!(o.sparsities[k] > 0 && o.sparsities[k] < 1) || (k > 0 && o.sparsities[k] <= o.sparsities[k - 1]))
      throw InputError("--sparsity: shares of the weights above 0 and below 1, rising");
  std::vector<PruningRun> runs(o.sparsities.size() * o.scores.size());
  parallel_for(runs.size(), o.threads, [&](std::size_t job, std::size_t thread) {
    PruningRun& run = runs[job];
    run.by = o.scores[job / o.sparsities.size()];
    run.sparsity = o.sparsities[job % o.sparsities.size()];
    PruneOptions prune_options = o.prune;
    prune_options.score = run.by;
    if (thread != 0) prune_options.progress = {};
    const auto on_training = network.objective<double>(training),
               on_held_out = network.objective<double>(held_out);
    run.pruned = prune(*on_training, network.layout(), parameters, run.sparsity, prune_options);
    run.parameters = run.pruned.parameters;
    run.score = network.score(run.parameters, held_out);
    run.loss = on_held_out->value(run.parameters);
    run.tuned_score = std::numeric_limits<double>::quiet_NaN();
    if (o.finetune < 1) return;
    run.parameters =
        fine_tuned(*on_training, run.pruned, network.layout(), o.finetune, o.finetune_rate, o.prune.seed);
    run.tuned_score = network.score(run.parameters, held_out);
  });
  return runs;
}

std::size_t sparse_bytes(const nn::Layout& layout, std::size_t weights_left) {
  const std::size_t weights = weight_positions(layout).size(),
                    biases = static_cast<std::size_t>(layout.size()) - weights;
  return weights_left == weights ? 4 * (weights + biases) : 8 * weights_left + 4 * biases;
}

void add_prunings(const std::vector<PruningRun>& runs, const TableNetwork& network,
                  const data::Dataset& held_out, const Vector& parameters, report::ToolReport& report) {
  const bool tuned = std::any_of(runs.begin(), runs.end(),
                                 [](const PruningRun& run) { return std::isfinite(run.tuned_score); });
  const std::string score_name = network.score_name();
  report::Table table{{{"sparsity"}, {"score"}, {score_name}, {"loss"}, {"weights left"}, {"bytes"}}, {}};
  if (tuned) table.columns.push_back({score_name + " after fine-tuning"});
  const std::size_t weights = weight_positions(network.layout()).size();
  const double dense = network.score(parameters, held_out);
  table.rows.push_back({"0", "unpruned", report::Cell::fixed(dense, 3),
                        network.objective<double>(held_out)->value(parameters), weights,
                        sparse_bytes(network.layout(), weights)});
  if (tuned) table.rows.back().push_back("-");
  report::Plot plot{"", {"sparsity", "", report::Scale::linear}, {score_name, "", report::Scale::linear}, {}};
  bool without = false;
  for (const PruningRun& run : runs) {
    without = without || run.pruned.without_gradients;
    table.rows.push_back({report::format_significant(run.sparsity, 4), name_of(run.by),
                          report::Cell::fixed(run.score, 3), run.loss, run.pruned.kept.size(),
                          sparse_bytes(network.layout(), run.pruned.kept.size())});
    if (tuned) table.rows.back().push_back(report::Cell::fixed(run.tuned_score, 3));
    if (plot.series.empty() || plot.series.back().name != name_of(run.by))
      plot.series.push_back({name_of(run.by), {0}, {dense}});
    plot.series.back().x.push_back(run.sparsity);
    plot.series.back().y.push_back(run.score);
  }
  report.tables.push_back({"pruning",
                           "Pruned without retraining, on rows held out; bytes with 4 a number, a column's "
                           "number beside each weight that is left",
                           table});
  report.figures.push_back(
      {"score-by-sparsity", {{plot}, {620, 360}, "The " + score_name + " of the pruned networks"}});
  if (without)
    report.warnings.push_back(
        "all gradients were zero in some step: the weights were then pruned by magnitude");
}

} // namespace raphson::optim::tools
