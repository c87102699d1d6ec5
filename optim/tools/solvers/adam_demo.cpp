#include "optim/tools/solvers/adam_demo.h"

#include "optim/data/digits.h"
#include "optim/data/image_transforms.h"
#include "optim/engine/parallel.h"
#include "optim/report/text.h"
#include "optim/tools/solvers/adam_experiments.h"

#include <algorithm>
#include <cmath>

namespace raphson::optim::tools {
namespace {

using report::at_least;
using report::at_most;

const SgdSettings nesterov{.momentum = 0.9, .nesterov = true};

std::string list_of(const std::vector<double>& steps) {
  std::string text;
  for (const double s : steps) text += (text.empty() ? "" : " ") + report::format_significant(s, 3);
  return text;
}

/// Softmax regression on digits: Adam is level with Nesterov's momentum, ahead of plain descent.
void digits(const DemoOptions& o, std::uint64_t seed, report::Table& table, report::ToolReport& report) {
  o.say(of_seed("softmax regression on digits", seed));
  const auto split = data::digits_split(o.brief ? 4000 : 8000, 2000, seed);
  const TableNetwork network(split.training, {.model = TableModel::softmax});
  std::vector<OptimiserGrid> grids{{"adam", AdamSettings{}, {.01, .03, .1, .3}, inverse_square_root()},
                                   {"adamax", AdaMaxSettings{}, {.01, .03, .1, .3}, inverse_square_root()},
                                   {"nesterov", nesterov, {.03, .1, .3, 1}},
                                   {"adagrad", AdaGradSettings{}, {.03, .1, .3, 1}},
                                   {"sgd", SgdSettings{}, {.1, .3, 1, 3}}};
  if (o.brief)
    grids = {{"adam", AdamSettings{}, {.03, .1}, inverse_square_root()},
             {"nesterov", nesterov, {.03, .1}},
             {"sgd", SgdSettings{}, {.3, 1}}};
  const OptimiserStudy study = run_study<float>(
      network, split.training, &split.held_out, grids,
      {.batch_size = 128, .epochs = 3, .seed = seed, .threads = default_threads(), .progress = o.progress});
  std::vector<double> best;
  for (std::size_t g = 0; g < grids.size(); ++g) {
    const GridRun& run = study.best(g, true);
    best.push_back(run.final_training_loss());
    table.rows.push_back(
        {"digits", static_cast<long>(seed), grids[g].name,
         report::format_significant(run.step, 3) + (study.at_an_end(g, true) ? " (end)" : ""),
         run.final_training_loss(), report::Cell::fixed(network.score(run.parameters, split.held_out), 3),
         list_of(grids[g].steps) + (grids[g].schedule ? " / √t" : "")});
    if (g == 0)
      report.claims.push_back(at_least(of_seed("digits: test accuracy of Adam", seed),
                                       network.score(run.parameters, split.held_out), o.brief ? 0.87 : 0.89));
  }
  const auto of = [&](const char* name) {
    for (std::size_t g = 0; g < grids.size(); ++g)
      if (grids[g].name == name) return best[g];
    return std::nan("");
  };
  report.claims.push_back(
      at_most(of_seed("digits: Adam / Nesterov", seed), of("adam") / of("nesterov"), 1.10));
  report.claims.push_back(at_most(of_seed("digits: Adam / SGD", seed), of("adam") / of("sgd"), 0.92));
  if (o.brief || seed != 1) return;
  report::ToolReport plots;
  add_study(study, network, split.training, &split.held_out, plots);
  for (auto& figure : plots.figures) report.figures.push_back(std::move(figure));
}

/// Many features that are seldom on: the coordinates' own steps pay.
void sparse(const DemoOptions& o, std::uint64_t seed, report::Table& table, report::ToolReport& report) {
  o.say(of_seed("sparse features", seed));
  const SparseFeatures features =
      o.brief ? sparse_features(2000, 1000, seed) : sparse_features(4000, 2000, seed);
  std::vector<OptimiserGrid> grids{{"adam", AdamSettings{}, {.1, .3, 1, 3}, inverse_square_root()},
                                   {"nesterov", nesterov, {1, 3, 10, 30}, inverse_square_root()},
                                   {"adagrad", AdaGradSettings{}, {.1, .3, 1, 3}}};
  const auto runs = sparse_study(features, grids, 4, seed);
  for (std::size_t g = 0; g < runs.size(); ++g) {
    const bool end =
        runs[g].best_step == grids[g].steps.front() || runs[g].best_step == grids[g].steps.back();
    table.rows.push_back({"sparse", static_cast<long>(seed), runs[g].name,
                          report::format_significant(runs[g].best_step, 3) + (end ? " (end)" : ""),
                          runs[g].loss, "", list_of(grids[g].steps) + (grids[g].schedule ? " / √t" : "")});
  }
  report.claims.push_back(
      at_most(of_seed("sparse features: Adam / Nesterov", seed), runs[0].loss / runs[1].loss, 0.92));
  report.claims.push_back(
      at_most(of_seed("sparse features: Adam / AdaGrad", seed), runs[0].loss / runs[2].loss, 1.05));
}

/// The spread over beta2 at one alpha, (max - min) / min.
double spread(const std::vector<BiasCorrectionCell>& cells, double alpha, bool corrected) {
  double low = std::numeric_limits<double>::infinity(), high = 0;
  for (const BiasCorrectionCell& c : cells) {
    if (c.alpha != alpha) continue;
    const double loss = corrected ? c.corrected : c.uncorrected;
    low = std::min(low, loss);
    high = std::max(high, loss);
  }
  return (high - low) / low;
}

void bias_correction(const DemoOptions& o, std::uint64_t seed, report::Table& table,
                     report::ToolReport& report) {
  o.say(of_seed("the correction of the moments, by an auto-encoder", seed));
  const data::Dataset images = data::pool(data::digits(o.brief ? 2000 : 8000, seed), 14, 14);
  const std::vector<double> alphas =
      o.brief ? std::vector<double>{1e-3} : std::vector<double>{3e-4, 1e-3, 3e-2};
  const std::vector<double> beta2s =
      o.brief ? std::vector<double>{.99, .9999} : std::vector<double>{.99, .999, .9999};
  const auto cells = bias_correction_grid(images, beta2s, alphas, o.brief ? 4 : 2, seed);
  for (const BiasCorrectionCell& c : cells)
    table.rows.push_back({static_cast<long>(seed), c.alpha, c.beta2, c.corrected, c.uncorrected,
                          report::Cell::significant(c.uncorrected / c.corrected, 3)});
  for (const double alpha : alphas) {
    const std::string at = "auto-encoder at α = " + report::format_significant(alpha, 2);
    if (alpha < 0.01) {
      report.claims.push_back(
          at_most(of_seed(at + ": spread over β2, corrected", seed), spread(cells, alpha, true), 0.03));
      report.claims.push_back(
          at_least(of_seed(at + ": spread over β2, uncorrected", seed), spread(cells, alpha, false), 0.04));
    } else {
      const BiasCorrectionCell& c = cells.back();
      report.claims.push_back(at_least(of_seed(at + ", β2 = 0.9999: uncorrected / corrected", seed),
                                       c.uncorrected / c.corrected, 1.1));
    }
  }
}

void counterexample(report::ToolReport& report) {
  const double beta2 = 0.1, alpha = 0.5 * std::sqrt(1 - beta2); // C = 3: 1 / (1 + C²)
  const AdamSettings adam{.learning_rate = alpha, .beta1 = 0, .beta2 = beta2, .epsilon = 0};
  report::Table table{{{"optimiser"}, {"from"}, {"x after 30,000 steps"}}, {}};
  for (const double start : {-1.0, 1.0}) {
    const double by_adam = end_on_reddis_costs(adam, start, 30000);
    const double by_sgd = end_on_reddis_costs(SgdSettings{.learning_rate = alpha}, start, 30000);
    table.rows.push_back({"adam", start, report::Cell::fixed(by_adam, 4)});
    table.rows.push_back({"sgd", start, report::Cell::fixed(by_sgd, 4)});
    const std::string from = " from " + report::format_significant(start, 1);
    report.claims.push_back(at_least("convex counterexample: x of Adam" + from, by_adam, 0.99));
    report.claims.push_back(at_most("convex counterexample: x of SGD" + from, by_sgd, -0.98));
  }
  report.tables.push_back(
      {"counterexample",
       "Cost 3x at t = 1 (mod 3), else −x, on [−1, 1]: −1 is the best point, 1 the worst (Reddi, Kale "
       "and Kumar 2018)",
       table});
}

} // namespace

report::ToolReport adam_demo(const DemoOptions& o) {
  const Seeds seeds = o.seeds_or({1, 2, 3});
  report::ToolReport report{.title = "Adam and AdaMax against their rivals"};
  report::Table losses{{{"problem"},
                        {"seed"},
                        {"optimiser"},
                        {"best step"},
                        {"training loss"},
                        {"test accuracy"},
                        {"steps tried", report::Align::left}},
                       {}};
  report::Table grid{{{"seed"}, {"α"}, {"β2"}, {"corrected"}, {"uncorrected"}, {"ratio"}}, {}};
  for (const std::uint64_t seed : seeds) {
    digits(o, seed, losses, report);
    sparse(o, seed, losses, report);
    bias_correction(o, seed, grid, report);
  }
  report.tables.insert(report.tables.begin(),
                       {"optimisers", "Each optimiser at the best of its steps", losses});
  report.tables.push_back(
      {"bias-correction",
       "Mean loss (nats an image) in the last epoch of a variational auto-encoder, by β2 and α", grid});
  counterexample(report);
  report.paragraphs = {"On dense features Adam is level with Nesterov's momentum and ahead of plain descent; "
                       "on features that are seldom "
                       "on it is ahead of both momentum and plain descent, level with AdaGrad.",
                       "With the correction of its moments the loss hardly depends on β2. Without it the "
                       "first steps are up to 1/√(1 − β2) "
                       "times as long over (1 − β1), which makes runs at a small α look better, as if α were "
                       "larger, and breaks those at a "
                       "large one.",
                       "Adam converges on most convex problems but not on all: the last table has one on "
                       "which it goes to the worst point."};
  return report;
}

} // namespace raphson::optim::tools
