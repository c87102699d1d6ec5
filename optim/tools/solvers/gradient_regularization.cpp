#include "optim/tools/solvers/gradient_regularization.h"

#include "dsp/error.h"
#include "optim/engine/counting.h"
#include "optim/engine/first_order.h"
#include "optim/engine/parallel.h"
#include "optim/engine/symmetric_eigen.h"
#include "optim/report/text.h"

#include <algorithm>
#include <array>
#include <atomic>
#include <cmath>
#include <numeric>

namespace raphson::optim::tools {
namespace {

using Eigen::Index;

constexpr std::array names{"none", "F", "B", "DB", "flood", "sam"};

using Counted = CountingObjective<nn::NetworkObjective<float>>;

GradientRegularisation regularisation(const RegularisedCell& cell) {
  const auto mode = cell.mode == Regulariser::forward    ? GradientDifference::forward
                    : cell.mode == Regulariser::backward ? GradientDifference::backward
                                                         : GradientDifference::double_backprop;
  return {.gamma = cell.gamma, .epsilon = cell.epsilon, .mode = mode};
}

Result minimise_cell(const Counted& f, const RegularisedCell& cell, const Vector& start,
                     const FirstOrderOptions& options, const Observer& observer) {
  switch (cell.mode) {
  case Regulariser::none:
    return minimise(f, start, options, observer);
  case Regulariser::flood:
    return minimise(flooded(f, cell.gamma), start, options, observer);
  case Regulariser::sam:
    return minimise(sharpness_aware(f, cell.epsilon), start, options, observer);
  default:
    return minimise(regularised(f, regularisation(cell)), start, options, observer);
  }
}

double top_eigenvalue(const nn::NetworkObjective<float>& f, const Vector& x) {
  std::vector<std::size_t> rows(std::min<std::size_t>(f.size(), 1000));
  std::iota(rows.begin(), rows.end(), std::size_t{0});
  return dominant_eigenvalue([&](const Vector& v) { return f.hessian_product(x, rows, v); }, x.size(),
                             {.maximum_iterations = 50, .tolerance = 1e-3});
}

RegularisedRun train(const TableNetwork& network, const data::Dataset& training,
                     const data::Dataset& validation, const RegularisedCell& cell,
                     const RegularisedOptions& o, const std::function<void()>& each_look) {
  const auto objective = network.objective<float>(training);
  const Counted counted(*objective);
  const auto per_epoch = static_cast<int>((training.size() + o.batch_size - 1) / o.batch_size);
  const int every = per_epoch * o.look_every;
  RegularisedRun run{.cell = cell};
  Evaluations each; // of a step
  const auto observer = [&](const Step& s) {
    if (s.iteration == 0) each = counted.evaluations();
    if (s.iteration % every != 0) return Control::proceed;
    Vector gradient;
    run.epochs.push_back(s.iteration / per_epoch);
    run.loss.push_back(objective->value_and_gradient(s.x, gradient));
    run.squared_gradient.push_back(gradient.squaredNorm());
    if (s.iteration == 0) run.first_loss = run.loss.back();
    each_look();
    return Control::proceed;
  };
  const Result r = minimise_cell(
      counted, cell, network.start(o.seed),
      FirstOrderOptions{.rule = SgdSettings{.learning_rate = o.learning_rate, .momentum = o.momentum},
                        .batch_size = o.batch_size,
                        .epochs = o.epochs,
                        .seed = o.seed,
                        .schedule = by_epoch(cosine(o.epochs), per_epoch)},
      observer);
  run.parameters = r.x;
  run.gradients = each.minibatch * r.iterations;
  run.hessian_products = each.hessian_product * r.iterations;
  run.training_loss = objective->value(r.x);
  if (r.stop_reason == StopReason::not_finite || !std::isfinite(run.training_loss)) {
    run.broke =
        r.detail.empty() ? "the loss is not finite after step " + std::to_string(r.iterations) : r.detail;
    return run;
  }
  run.validation_loss = network.objective<float>(validation)->value(r.x);
  run.score = network.score(r.x, validation);
  run.top_eigenvalue = top_eigenvalue(*objective, r.x);
  return run;
}

void check(const RegularisedOptions& o, const std::vector<RegularisedCell>& cells, Index parameters,
           std::size_t rows) {
  if (!(o.learning_rate > 0)) throw InputError("--lr: the step size must be above 0");
  if (o.epochs < 1) throw InputError("--epochs: at least 1");
  if (o.batch_size < 1 || o.batch_size > rows)
    throw InputError("--batch: " + std::to_string(o.batch_size) + " of the " + std::to_string(rows)
                     + " training rows, it must be from 1 to as many");
  for (const RegularisedCell& cell : cells)
    if (cell.mode == Regulariser::double_backprop && parameters > o.most_hvp_parameters)
      throw InputError("--modes: DB with " + std::to_string(parameters) + " parameters, --max-hvp allows "
                       + std::to_string(o.most_hvp_parameters) + "; F and B are cheaper");
}

} // namespace

const char* name_of(Regulariser mode) { return names[static_cast<std::size_t>(mode)]; }

Regulariser regulariser_named(const std::string& name) {
  const auto found = std::find(names.begin(), names.end(), name);
  if (found == names.end())
    throw InputError("--modes: '" + name + "' is unknown, there are none, F, B, DB, flood and sam");
  return static_cast<Regulariser>(found - names.begin());
}

std::string to_string(const RegularisedCell& cell) {
  const auto number = [](double value) { return report::format_significant(value, 4); };
  std::string text = name_of(cell.mode);
  if (cell.mode == Regulariser::flood) return text + ", level " + number(cell.gamma);
  if (cell.mode == Regulariser::sam) return text + ", ρ = " + number(cell.epsilon);
  if (cell.mode == Regulariser::none) return text;
  text += ", γ = " + number(cell.gamma);
  return cell.mode == Regulariser::double_backprop ? text : text + ", ε = " + number(cell.epsilon);
}

std::vector<RegularisedCell> cells_of(const std::vector<Regulariser>& modes, const GridLists& lists) {
  for (const double gamma : lists.gammas)
    if (!(gamma >= 0)) throw InputError("--gamma: at least 0");
  for (const double epsilon : lists.epsilons)
    if (!(epsilon > 0)) throw InputError("--epsilon: above 0");
  for (const double radius : lists.radii)
    if (!(radius >= 0)) throw InputError("--rho: at least 0");
  std::vector<RegularisedCell> cells;
  for (const Regulariser mode : modes) {
    if (mode == Regulariser::none) cells.push_back({});
    if (mode == Regulariser::flood)
      for (const double level : lists.levels) cells.push_back({mode, level, 0});
    if (mode == Regulariser::sam)
      for (const double radius : lists.radii) cells.push_back({mode, 0, radius});
    if (mode == Regulariser::double_backprop)
      for (const double gamma : lists.gammas) cells.push_back({mode, gamma, 0});
    if (mode != Regulariser::forward && mode != Regulariser::backward) continue;
    for (const double gamma : lists.gammas) {
      std::vector<double> epsilons = lists.epsilons;
      if (epsilons.empty() && gamma > 0) epsilons = {gamma / 2, gamma, 2 * gamma};
      if (epsilons.empty()) epsilons = {1}; // of no effect
      for (const double epsilon : epsilons) cells.push_back({mode, gamma, epsilon});
    }
  }
  return cells;
}

std::vector<RegularisedRun> train_cells(const TableNetwork& network, const data::Dataset& training,
                                        const data::Dataset& validation,
                                        const std::vector<RegularisedCell>& cells,
                                        const RegularisedOptions& o) {
  check(o, cells, network.layout().size(), training.size());
  std::vector<RegularisedRun> runs(cells.size());
  std::atomic<std::size_t> done{0};
  parallel_for(cells.size(), o.threads, [&](std::size_t k, std::size_t thread) {
    runs[k] = train(network, training, validation, cells[k], o, [&] {
      if (thread == 0 && o.progress)
        o.progress(to_string(cells[k]) + ": " + std::to_string(done.load()) + " of "
                   + std::to_string(cells.size()) + " runs done");
    });
    ++done;
  });
  return runs;
}

namespace {

std::size_t best_of(const std::vector<RegularisedRun>& runs, const Regulariser* mode) {
  std::size_t best = runs.size();
  for (std::size_t k = 0; k < runs.size(); ++k) {
    if (!runs[k].broke.empty() || (mode && runs[k].cell.mode != *mode)) continue;
    if (best == runs.size() || runs[k].score > runs[best].score
        || (runs[k].score == runs[best].score && runs[k].validation_loss < runs[best].validation_loss))
      best = k;
  }
  return best;
}

} // namespace

std::size_t best_run(const std::vector<RegularisedRun>& runs) { return best_of(runs, nullptr); }
std::size_t best_run(const std::vector<RegularisedRun>& runs, Regulariser mode) {
  return best_of(runs, &mode);
}

void redraw_labels(data::Dataset& rows, double probability, std::uint64_t seed) {
  if (!(probability >= 0 && probability <= 1)) throw InputError("--label-noise: from 0 to 1");
  if (rows.labels.empty() && probability > 0) throw InputError("--label-noise: the target has no classes");
  RandomStream random(seed, "label noise");
  for (int& label : rows.labels)
    if (random.uniform() < probability)
      label = static_cast<int>(random.index(static_cast<std::size_t>(rows.classes())));
}

} // namespace raphson::optim::tools
