#include "optim/tools/solvers/m_fac_demo.h"

#include "optim/data/digits.h"
#include "optim/data/image_transforms.h"
#include "optim/engine/parallel.h"
#include "optim/report/text.h"
#include "optim/tools/solvers/m_fac_experiments.h"
#include "optim/tools/solvers/m_fac_report.h"
#include "optim/tools/solvers/optimiser_study.h"

#include <algorithm>
#include <limits>

namespace raphson::optim::tools {
namespace {

using report::at_least;
using report::at_most;

void exactness(const DemoOptions& o, report::ToolReport& report) {
  o.say("the inverse against a dense one");
  const InverseErrors errors = inverse_errors(300, 32, 0.01, 100, 1);
  report::Table table{{{"against a dense Cholesky decomposition", report::Align::left}, {"relative error"}},
                      {}};
  table.rows = {{"product, sliding window", errors.sliding},
                {"product, fixed gradients", errors.fixed},
                {"diagonal", errors.diagonal}};
  report.tables.push_back(
      {"exactness", "300 parameters, a window of 32 after 100 gradients, λ = 0.01", table});
  report.claims.push_back(at_most("F⁻¹x and the diagonal against a dense inverse",
                                  std::max({errors.sliding, errors.fixed, errors.diagonal}), 1e-9));
}

const PruningRun& run_of(const std::vector<PruningRun>& runs, PruneScore by, double sparsity) {
  return *std::find_if(runs.begin(), runs.end(),
                       [&](const PruningRun& run) { return run.by == by && run.sparsity == sparsity; });
}

/// runs: 16 recomputations each; once: M-FAC and the diagonal with one.
void claim_pruning(const std::vector<PruningRun>& runs, const std::vector<PruningRun>& once, bool brief,
                   std::uint64_t seed, report::ToolReport& report) {
  const auto score = [&](PruneScore by, double sparsity) { return run_of(runs, by, sparsity).score; };
  const double at_90 = score(PruneScore::m_fac, 0.9);
  const auto claim = [&](const char* what, double measured, double limit) {
    report.claims.push_back(at_least(of_seed(what, seed), measured, limit));
  };
  if (!brief) claim("accuracy at 75%", score(PruneScore::m_fac, 0.75), 0.89);
  claim("accuracy at 90%", at_90, 0.8);
  claim("at 90%, above magnitude", at_90 - score(PruneScore::magnitude, 0.9), 0.15);
  claim("at 90%, above the diagonal, computed once", at_90 - once[1].score, 0.15);
  // The diagonal gains much by being computed anew as well: over seven seeds it comes as near as 0.098.
  claim("at 90%, above the diagonal, as often computed anew", at_90 - score(PruneScore::diagonal_fisher, 0.9),
        0.08);
  claim("at 90%, 16 recomputations above one", at_90 - once[0].score, 0.15);
}

void pruning(const DemoOptions& o, std::uint64_t seed, report::Table& table, report::ToolReport& report) {
  o.say(of_seed("a classifier of digits, to be pruned", seed));
  const DigitNetwork digits =
      o.brief ? digit_network(6000, 1000, 1000, seed) : digit_network(8000, 2000, 1200, seed);
  PruningStudyOptions study;
  study.threads = default_threads();
  study.prune.progress = o.progress;
  study.prune.seed = seed;
  study.sparsities = {0.75, 0.9};
  if (o.brief) study.sparsities = {0.9};
  PruningStudyOptions at_once = study;
  at_once.sparsities = {0.9};
  at_once.scores = {PruneScore::m_fac, PruneScore::diagonal_fisher};
  at_once.prune.recomputations = 1;
  const auto& [training, held_out] = digits.digits;
  const auto runs = run_prunings(*digits.network, training, held_out, digits.parameters, study);
  const auto once = run_prunings(*digits.network, training, held_out, digits.parameters, at_once);
  const auto row = [&](const std::string& sparsity, const std::string& by, double score) {
    table.rows.push_back({static_cast<long>(seed), sparsity, by, report::Cell::fixed(score, 3)});
  };
  row("0", "unpruned", digits.network->score(digits.parameters, held_out));
  for (const PruningRun& run : runs)
    row(report::format_significant(run.sparsity, 3), name_of(run.by), run.score);
  for (const PruningRun& run : once) row("0.9", std::string(name_of(run.by)) + ", computed once", run.score);
  claim_pruning(runs, once, o.brief, seed, report);
  if (!report.figures.empty()) return;
  report::ToolReport plots;
  add_prunings(runs, *digits.network, held_out, digits.parameters, plots);
  report.figures = std::move(plots.figures);
}

double lowest(const OptimiserStudy& study, std::size_t grid) {
  return study.best(grid, true).final_training_loss();
}

void plot_training(const OptimiserStudy& study, report::ToolReport& report) {
  if (report.figures.size() > 1) return;
  report::Plot plot{
      "", {"step", "", report::Scale::linear}, {"training loss", "nats", report::Scale::logarithmic}, {}};
  for (std::size_t g = 0; g < study.grids.size(); ++g)
    plot.series.push_back({study.grids[g].name, study.best(g, true).at, study.best(g, true).training_loss});
  report.figures.push_back({"loss-by-step", {{plot}, {880, 360}, "Training loss, each at its best step"}});
}

/// The loss of M-FAC over Adam's.
double training(const DemoOptions& o, std::uint64_t seed, report::Table& table, report::ToolReport& report) {
  o.say(of_seed("an autoencoder of digits", seed));
  const int steps = o.brief ? 300 : 400;
  const data::Dataset images = data::pool(data::digits(o.brief ? 3000 : 8000, seed), 14, 14);
  const TableNetwork network(images, {.model = TableModel::autoencoder, .hidden = {32}, .code = 8});
  const Schedule schedule = cosine(steps);
  const MFacSettings m_fac{.window = 64, .lambda = 1e-2};
  MFacSettings short_window = m_fac;
  short_window.window = 8;
  std::vector<OptimiserGrid> grids{{"m-fac", m_fac, {.05, .1, .2, .4, .8}, schedule},
                                   {"adam", AdamSettings{}, {.01, .02, .03, .1}, schedule},
                                   {"momentum", SgdSettings{.momentum = 0.9}, {.01, .02, .03}, schedule},
                                   {"m-fac, window 8", short_window, {.05, .1, .2, .4, .8}, schedule}};
  if (o.brief) {
    grids.pop_back();
    grids[0].steps = {.2};
    grids[1].steps = {.01, .03};
    grids[2].steps = {.01, .02};
  }
  const OptimiserStudy study = run_study<float>(network, images, nullptr, grids,
                                                {.batch_size = 128,
                                                 .steps = steps,
                                                 .look_every = 20,
                                                 .seed = seed,
                                                 .threads = default_threads(),
                                                 .progress = o.progress});
  for (std::size_t g = 0; g < grids.size(); ++g) {
    const GridRun& run = study.best(g, true);
    table.rows.push_back(
        {static_cast<long>(seed), grids[g].name,
         report::format_significant(run.step, 3) + (study.at_an_end(g, true) ? " (end)" : ""),
         run.final_training_loss(), report::Cell::fixed(run.seconds.back(), 2),
         static_cast<long>(run.state_bytes / 1000)});
  }
  const double to_adam = lowest(study, 0) / lowest(study, 1);
  // Adam's loss differs by start, as it depends on when it leaves the mean image: of seven seeds 0.76 to
  // 0.87, and 0.96 where it left early. The mean is held to what the paper's gain promises.
  report.claims.push_back(at_most(of_seed("training loss, M-FAC / Adam", seed), to_adam, 0.98));
  report.claims.push_back(
      at_most(of_seed("training loss, M-FAC / momentum", seed), lowest(study, 0) / lowest(study, 2), 0.88));
  plot_training(study, report);
  return to_adam;
}
/// O(d m) beside m^3: the counts are asserted, the seconds not.
void cost(const DemoOptions& o, report::ToolReport& report) {
  o.say("what a step costs");
  const Eigen::Index d = o.brief ? 20000 : 100000, m = 32;
  report::Table table{{{"parameters"}, {"window"}, {"dot products"}, {"additions"}, {"ms"}}, {}};
  double worst = 0;
  for (const auto& [size, window] : {std::pair(d, m), std::pair(2 * d, m), std::pair(d, 2 * m)}) {
    const PushCost each = push_cost(size, window, 1);
    worst = std::max(worst, static_cast<double>(each.work.dot_products + each.work.additions)
                                / static_cast<double>(window));
    table.rows.push_back({size, window, each.work.dot_products, each.work.additions,
                          report::Cell::significant(1000 * each.seconds, 3)});
  }
  report.tables.push_back({"cost",
                           "A new gradient and its product with F⁻¹: operations on vectors as long as the "
                           "parameters",
                           table});
  report.claims.push_back(at_most("operations on whole vectors a step / window", worst, 2));
}

} // namespace

report::ToolReport m_fac_demo(const DemoOptions& o) {
  const Seeds seeds = o.seeds_or({1, 2, 3});
  report::ToolReport report{.title = "M-FAC: pruning and training by the inverse Fisher matrix"};
  report::Table pruned{{{"seed"}, {"sparsity"}, {"score"}, {"accuracy"}}, {}};
  report::Table trained{{{"seed"}, {"solver"}, {"best step"}, {"training loss"}, {"seconds"}, {"state, kB"}},
                        {}};
  double to_adam = 0;
  for (const std::uint64_t seed : seeds) {
    pruning(o, seed, pruned, report);
    to_adam += training(o, seed, trained, report) / static_cast<double>(seeds.size());
  }
  report.claims.push_back(at_most("training loss, M-FAC / Adam, mean of seeds", to_adam, 0.93));
  report.tables.push_back(
      {"pruning", "A classifier of digits pruned without retraining: accuracy on digits held out", pruned});
  report.tables.push_back(
      {"training", "An autoencoder of digits, nats an image, each solver at its best step", trained});
  exactness(o, report);
  cost(o, report);
  report.paragraphs = {
      "By the inverse Fisher matrix a tenth of the weights does most of what all did, without retraining: "
      "the "
      "weights that stay take over from those that go, and the matrix is computed anew as they do. Magnitude "
      "and the diagonal of the Fisher matrix, which know of no exchange, lose far more; the diagonal less so "
      "where it is computed anew as often.",
      "As a solver it ends lower than Adam and momentum after the same steps, with the larger window the "
      "better; a step costs two passes over the window's gradients beside the gradient itself."};
  return report;
}

} // namespace raphson::optim::tools
