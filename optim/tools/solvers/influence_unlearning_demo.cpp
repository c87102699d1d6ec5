#include "optim/tools/solvers/influence_unlearning_demo.h"

#include "optim/data/digits.h"
#include "optim/data/image_transforms.h"
#include "optim/data/split.h"
#include "optim/engine/statistics.h"
#include "optim/engine/stopwatch.h"
#include "optim/nn/mlp_objective.h"
#include "optim/nn/mlp_passes.h"
#include "optim/tools/solvers/influence_unlearning.h"

#include <algorithm>
#include <cmath>
#include <iterator>
#include <numeric>

namespace raphson::optim::tools {
namespace {

using nn::RowNumbers;
using report::at_least;
using report::at_most;
using report::Cell;
using report::Table;
using report::ToolReport;

constexpr int digit_of_seed[] = {3, 7, 0, 5, 9}; // forgotten by seeds 1 to 5
constexpr std::size_t requests = 10;

// 1,000 digits to train on and 2,000 others, with a network 49-32-10.
struct Bench {
  data::Dataset training, test;
  RowNumbers all, test_rows;
  nn::Layout layout = {};
  nn::Mlp mlp;
  nn::RowModel model;
  Vector start;
  std::uint64_t seed;

  Bench(data::TrainingAndHeldOut digits, std::uint64_t seed_)
      : training(std::move(digits.training)), test(std::move(digits.held_out)), all(training.size()),
        test_rows(test.size()),
        mlp(layout, {{49, 32, 10}, nn::Activation::tanh}), model{layout, mlp, training},
        start(layout.initial(seed_)), seed(seed_) {
    std::iota(all.begin(), all.end(), std::size_t{0});
    std::iota(test_rows.begin(), test_rows.end(), std::size_t{0});
  }
  Bench(const Bench&) = delete; // the model refers to its members

  Vector train(const RowNumbers& rows, double alpha) const {
    const RestrictedTraining options{
        .alpha = alpha, .learning_rate = 3e-3, .batch_size = 50, .epochs = 40, .seed = seed};
    return train_restricted(model, rows, {}, start, options).parameters;
  }
  nn::Classified on(const RowNumbers& rows, const Vector& theta) const {
    return nn::classified(mlp, theta, training, rows);
  }
  double test_accuracy(const Vector& theta) const {
    return nn::classified(mlp, theta, test, test_rows).accuracy;
  }
  RowNumbers without(const RowNumbers& removed) const { // rising
    RowNumbers rest;
    std::set_difference(all.begin(), all.end(), removed.begin(), removed.end(), std::back_inserter(rest));
    return rest;
  }
};

data::TrainingAndHeldOut digits(std::uint64_t seed) {
  auto split = data::digits_split(1000, 2000, seed);
  return {data::pool(split.training, 7, 7), data::pool(split.held_out, 7, 7)};
}

// --- A digit, withdrawn in ten requests ------------------------------------------------------------------

Vector forget_in_requests(const Bench& bench, Vector theta, const RowNumbers& digit) {
  const auto f = nn::mlp_objective<double>(bench.layout, bench.mlp, bench.training);
  const InfluenceOptions options{.step = UnlearningStep::sgd, .until = std::log(10.0)};
  RowNumbers gone;
  for (std::size_t k = 0; k < requests; ++k) {
    const auto begin = digit.begin() + static_cast<std::ptrdiff_t>(k * digit.size() / requests),
               end = digit.begin() + static_cast<std::ptrdiff_t>((k + 1) * digit.size() / requests);
    gone.insert(gone.end(), begin, end);
    theta = forget_by_influence(f, theta, RowNumbers(begin, end), bench.without(gone), options).theta;
  }
  return theta;
}

// Ten steps of 0.5 on the rest.
Vector fine_tune(const Bench& bench, Vector theta, const RowNumbers& rest) {
  const auto f = nn::mlp_objective<double>(bench.layout, bench.mlp, bench.training);
  Vector gradient;
  for (int step = 0; step < 10; ++step) {
    f.value_and_gradient(theta, rest, gradient);
    theta -= 0.5 * gradient;
  }
  return theta;
}

struct DigitArm {
  const char* name;
  Vector theta;
  double milliseconds;
  double distance = 0, forgotten = 0, remaining = 0;
};

void forget_a_digit(const Bench& bench, int digit, Table& table, ToolReport& report) {
  RowNumbers rows;
  for (const std::size_t row : bench.all)
    if (bench.training.labels[row] == digit) rows.push_back(row);
  const RowNumbers rest = bench.without(rows);
  std::vector<DigitArm> arms;
  const auto add = [&](const char* name, auto make) {
    const Stopwatch stopwatch;
    Vector theta = make();
    arms.push_back({name, std::move(theta), 1e3 * stopwatch.seconds()});
  };
  add("original", [&] { return bench.train(bench.all, 0.05); });
  const Vector original = arms[0].theta;
  add("IAU, ten requests", [&] { return forget_in_requests(bench, original, rows); });
  add("fine-tuned on the rest", [&] { return fine_tune(bench, original, rest); });
  add("retrained without", [&] { return bench.train(rest, 0.05); });
  const auto gold = bench.on(rows, arms[3].theta).probabilities;
  const std::string at = ", seed " + std::to_string(bench.seed);
  for (DigitArm& arm : arms) {
    const auto forgotten = bench.on(rows, arm.theta);
    arm.distance = nn::mean_total_variation(forgotten.probabilities, gold);
    arm.forgotten = forgotten.accuracy;
    arm.remaining = bench.on(rest, arm.theta).accuracy;
    table.rows.push_back({bench.seed, digit, arm.name, Cell::fixed(arm.distance, 3),
                          Cell::fixed(arm.forgotten, 3), Cell::fixed(arm.remaining, 3),
                          Cell::fixed(arm.milliseconds, 1)});
  }
  auto& claims = report.claims;
  claims.push_back(at_most("digit: distance to retraining, IAU / original" + at,
                           arms[1].distance / arms[0].distance, 0.6));
  claims.push_back(at_most("digit: accuracy on forgotten rows" + at, arms[1].forgotten, 0.35));
  claims.push_back(at_least("digit: accuracy on the rest, less the original's" + at,
                            arms[1].remaining - arms[0].remaining, -0.06));
  claims.push_back(at_most("digit: distance to retraining, IAU / fine-tuned" + at,
                           arms[1].distance / arms[2].distance, 1));
}

// --- Wrong labels ----------------------------------------------------------------------------------------

RowNumbers spoil_labels(data::Dataset& training, std::uint64_t seed) {
  RandomStream random(seed, "influence wrong labels");
  RowNumbers rows(training.size());
  std::iota(rows.begin(), rows.end(), std::size_t{0});
  random.shuffle(rows);
  rows.resize(training.size() / 10);
  std::sort(rows.begin(), rows.end());
  for (const std::size_t row : rows)
    training.labels[row] = (training.labels[row] + 1 + static_cast<int>(random.index(9))) % 10;
  return rows;
}

struct Steps {
  Vector theta;
  int count = 0;
};

// Adam steps of 1e-3, both gradients taken again for each, until the loss of the wrong rows is the goal.
Steps repeated_steps(const Bench& bench, Vector theta, const RowNumbers& wrong, const RowNumbers& rest,
                     double correction, double goal) {
  const auto f = nn::mlp_objective<double>(bench.layout, bench.mlp, bench.training);
  Steps result{std::move(theta), 0};
  while (result.count < 500 && bench.on(wrong, result.theta).loss < goal) {
    result.theta = forget_by_influence(f, result.theta, wrong, rest, {.correction = correction}).theta;
    ++result.count;
  }
  return result;
}

// Along the influence function's step, as far as the loss of the wrong rows takes to be the goal; no further
// than 100 times its length.
Vector stretched(const Bench& bench, const Vector& theta, const Vector& influence, const RowNumbers& wrong,
                 double goal) {
  const Vector step = influence - theta;
  double low = 0, high = 100;
  for (int k = 0; k < 40; ++k) {
    const double middle = 0.5 * (low + high);
    (bench.on(wrong, theta + middle * step).loss < goal ? low : high) = middle;
  }
  return theta + high * step;
}

void forget_wrong_labels(Bench& bench, double alpha, const RowNumbers& wrong, Table& table,
                         ToolReport& report) {
  const RowNumbers rest = bench.without(wrong);
  const Vector original = bench.train(bench.all, alpha), retrained = bench.train(rest, alpha);
  const double goal = bench.on(wrong, retrained).loss;
  Stopwatch stopwatch;
  const auto add = [&](const std::string& arm, const Vector& theta, const std::string& work) {
    table.rows.push_back({bench.seed, Cell::fixed(alpha, 2), arm, Cell::fixed(bench.on(wrong, theta).loss, 2),
                          Cell::fixed(bench.test_accuracy(theta), 3), work,
                          work.empty() ? Cell("") : Cell::fixed(1e3 * stopwatch.seconds(), 1)});
    stopwatch = {};
  };
  add("original", original, "");
  const Steps corrected = repeated_steps(bench, original, wrong, rest, 1, goal);
  add("IAU steps", corrected.theta, std::to_string(corrected.count) + " steps");
  const Steps ascent = repeated_steps(bench, original, wrong, rest, 0, goal);
  add("plain ascent", ascent.theta, std::to_string(ascent.count) + " steps");
  const auto influence = influence_function(bench.mlp, original, bench.training, bench.all, wrong, 0.01);
  add("influence function", influence.theta, std::to_string(influence.products) + " Hessian products");
  add("the same, up to that loss", stretched(bench, original, influence.theta, wrong, goal),
      "40 losses more");
  add("retrained without", retrained, "");
  report.claims.push_back(at_least("wrong labels: test accuracy, IAU less ascent, alpha "
                                       + Cell::fixed(alpha, 2).text + ", seed " + std::to_string(bench.seed),
                                   bench.test_accuracy(corrected.theta) - bench.test_accuracy(ascent.theta),
                                   0.1));
}

// --- Gradient restriction --------------------------------------------------------------------------------

Vector row_gradient_norms(const Bench& bench, const Vector& theta) {
  const nn::MlpPass pass(bench.mlp, theta, bench.training.features);
  return nn::example_gradients(pass, nn::loss_by_outputs(pass.outputs(), bench.training, bench.all))
      .rowwise()
      .norm();
}

// The ratio of the largest row gradients.
double restrict_gradients(const Bench& bench, Table& table, ToolReport& report) {
  const Vector little = bench.train(bench.all, 0.005), much = bench.train(bench.all, 0.3);
  const Vector before = row_gradient_norms(bench, little), after = row_gradient_norms(bench, much);
  const double largest = after.maxCoeff() / before.maxCoeff(),
               hundredth = quantile(after, 0.99) / quantile(before, 0.99),
               accuracy = bench.test_accuracy(little), restricted = bench.test_accuracy(much);
  table.rows.push_back({bench.seed, before.maxCoeff(), after.maxCoeff(), Cell::fixed(largest, 3),
                        Cell::fixed(hundredth, 3), Cell::fixed(accuracy, 3), Cell::fixed(restricted, 3)});
  const std::string at = ", seed " + std::to_string(bench.seed);
  // The very largest is one row's luck: of seeds 1 to 20 its ratio is 0.81 to 0.96, but 1.04 in seed 1. The
  // 99 % quantile's is 0.82 to 0.93 in all of them.
  report.claims.push_back(
      at_most("restriction: 99 % quantile of row gradients, alpha 0.3 / 0.005" + at, hundredth, 0.97));
  report.claims.push_back(
      at_most("restriction: change of test accuracy" + at, std::abs(restricted - accuracy), 0.02));
  return largest;
}

} // namespace

ToolReport influence_unlearning_demo(const DemoOptions& options) {
  const Seeds seeds = options.seeds_or({1, 2, 3, 4, 5});
  ToolReport report{.title = "IAU: forgetting by one step of incremental learning"};
  report.paragraphs.push_back(
      "A network 49-32-10 learns 1,000 digits. A digit is withdrawn in ten requests, each of which takes one "
      "step; the distance is the mean total variation to the retrained network's predictions of the "
      "forgotten "
      "rows. Then a tenth of the labels is wrong and is forgotten by repeated steps until its loss is what "
      "retraining gives.");
  // Of seeds 1 to 20 seed 8 alone: 0.82 of the original's distance, and 0.11 of accuracy on the rest lost; of
  // the others seed 19 is the worst, with 0.52.
  report.paragraphs.push_back(
      "The first request goes most of the way, since the others' rows of the same digit go with it. Where a "
      "hard row dominates its gradient the step harms the rest and comes no nearer to retraining: among "
      "seeds 1 "
      "to 20 that is seed 8. IAU has no guard against it but --compare-retrain.");
  report.paragraphs.push_back(
      "The influence function, whose Hessian IAU does without, hardly costs test accuracy by its own step, "
      "but "
      "that step goes half of the way; taken as far as the others it is better in some seeds and worse in "
      "others. With conjugate gradients and so few parameters it is no dearer than the repeated steps.");
  Table digit{{{"seed"}, {"digit"}, {"arm"}, {"distance"}, {"forgotten (accuracy)"}, {"remaining"}, {"ms"}},
              {}};
  Table wrong{{{"seed"}, {"alpha"}, {"arm"}, {"loss of wrong rows"}, {"test accuracy"}, {"work"}, {"ms"}},
              {}};
  Table restriction{{{"seed"},
                     {"largest row gradient, alpha 0.005"},
                     {"alpha 0.3"},
                     {"ratio"},
                     {"ratio of 99 % quantiles"},
                     {"test accuracy, 0.005"},
                     {"0.3"}},
                    {}};
  double ratios = 0;
  for (const std::uint64_t seed : seeds) {
    const std::string at = ", seed " + std::to_string(seed);
    Bench bench(digits(seed), seed);
    options.say("a digit" + at);
    forget_a_digit(bench, digit_of_seed[(seed + 4) % 5], digit, report);
    options.say("gradient restriction" + at);
    ratios += restrict_gradients(bench, restriction, report);
    const RowNumbers spoilt = spoil_labels(bench.training, seed);
    for (const double alpha : {0.0, 0.05}) {
      if (options.brief && alpha == 0) continue;
      options.say("wrong labels, alpha " + Cell(alpha).text + at);
      forget_wrong_labels(bench, alpha, spoilt, wrong, report);
    }
  }
  if (!options.brief)
    report.claims.push_back(at_most("restriction: largest row gradient, mean over seeds of the ratio",
                                    ratios / double(seeds.size()), 0.94));
  report.tables = {{"digit", "A digit forgotten in ten requests, alpha 0.05", digit},
                   {"wrong-labels", "100 of 1,000 labels wrong, forgotten by repeated steps", wrong},
                   {"restriction", "Gradient restriction: the row that pulls hardest", restriction}};
  return report;
}

} // namespace raphson::optim::tools
