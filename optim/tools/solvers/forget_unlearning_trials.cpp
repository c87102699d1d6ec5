// The trials of the experiment; the report on them is in forget_unlearning_demo.cpp.
#include "optim/data/digits.h"
#include "optim/data/image_transforms.h"
#include "optim/engine/parallel.h"
#include "optim/engine/pca.h"
#include "optim/engine/random.h"
#include "optim/engine/gaussian_divergence.h"
#include "optim/tools/solvers/forget_unlearning_demo.h"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace raphson::optim::tools {
namespace {

data::RowMatrix embed(const PrincipalAxes& axes, const data::RowMatrix& pixels) {
  data::RowMatrix rows(pixels.rows(), axes.axes.cols() + 1);
  rows << axes.project(pixels), Vector::Constant(pixels.rows(), 0.5);
  clip_to_unit_norm(rows);
  return rows;
}

// The point in the middle between two models, and which side of it a third lies on.
struct Between {
  Vector direction;
  double middle;

  Between(const Vector& a, const Vector& b) : direction(b - a), middle(direction.dot(a + b) / 2) {}
  bool nearer_second(const Vector& theta) const { return direction.dot(theta) > middle; }
};

std::vector<std::size_t> nine_of(const SlottedRows& rows, double target, std::size_t but) {
  std::vector<std::size_t> found;
  for (std::size_t i = 0; found.size() < 9; ++i) {
    if (i != but && rows.target[static_cast<Eigen::Index>(i)] == target) found.push_back(i);
  }
  return found;
}

SlottedRows without(SlottedRows rows, std::size_t target, const std::vector<std::size_t>& others) {
  rows.clear(target);
  for (const std::size_t i : others) rows.clear(i);
  return rows;
}

std::vector<std::uint64_t> many_seeds(std::uint64_t seed, std::size_t count) {
  std::vector<std::uint64_t> seeds(count);
  for (auto& s : seeds) s = split_mix(seed);
  return seeds;
}

SlottedRows unit_vectors(int count, int columns, std::uint64_t seed) {
  RandomStream random(seed, "forget-unlearning rows");
  data::RowMatrix rows(count, columns);
  for (auto& value : rows.reshaped()) value = random.normal();
  rows.rowwise().normalize();
  return {rows, {}};
}

} // namespace

DeletionDigits deletion_digits(std::uint64_t seed, int slots) {
  const data::Dataset all = data::pool(data::digits(data::digits_available, seed), 7, 7);
  const int others[] = {0, 1, 2, 4, 5, 6, 7, 9}, ours[] = {3, 8};
  const auto axes = principal_axes(data::select_classes(all, others).features, 19);
  const data::Dataset pair = data::select_classes(all, ours);
  const data::RowMatrix rows = embed(axes, pair.features);
  Vector target(rows.rows());
  for (Eigen::Index i = 0; i < target.size(); ++i)
    target[i] = 2 * pair.labels[static_cast<std::size_t>(i)] - 1;
  const Eigen::Index rest = rows.rows() - slots;
  return {{rows.topRows(slots), target.head(slots)}, rows.bottomRows(rest), target.tail(rest)};
}

AdaptiveAttack adaptive_attack(const SlottedRows& rows, const DeletionPlan& plan, int trials,
                               std::uint64_t seed, std::size_t threads) {
  RandomStream random(seed, "forget-unlearning attack");
  const std::size_t target = random.index(static_cast<std::size_t>(rows.slots()));
  SlottedRows first[2] = {rows, rows}; // by the coin
  first[1].target[static_cast<Eigen::Index>(target)] *= -1;
  const SlottedRows second[2] = {without(rows, target, nine_of(rows, -1, target)),
                                 without(rows, target, nine_of(rows, 1, target))}; // by the guess
  const auto exact = [&](const SlottedRows& table) {
    return exact_minimiser(table, plan.options.loss, plan.options.lambda);
  };
  const Vector retrained[2][2] = {{exact(first[0]), exact(first[1])}, {exact(second[0]), exact(second[1])}};
  const Between requester(retrained[0][0], retrained[0][1]), observer(retrained[1][0], retrained[1][1]);
  const auto count = static_cast<std::size_t>(trials);
  std::vector<std::size_t> coins(count);
  for (auto& coin : coins) coin = random.index(2);
  const auto seeds = many_seeds(random(), 2 * count);
  std::vector<int> right(count), right_retrained(count);
  parallel_for(count, threads, [&](std::size_t trial, std::size_t) {
    const std::size_t coin = coins[trial];
    const Vector model = learn_deletable(first[coin], plan, seeds[2 * trial]);
    const std::size_t guess = requester.nearer_second(model);
    const Vector next = delete_rows(second[guess], plan, model, 10, seeds[2 * trial + 1]);
    right[trial] = observer.nearer_second(next) == (coin == 1);
    const std::size_t sure = requester.nearer_second(retrained[0][coin]);
    right_retrained[trial] = observer.nearer_second(retrained[1][sure]) == (coin == 1);
  });
  const auto share = [&](const std::vector<int>& v) {
    return std::accumulate(v.begin(), v.end(), 0.0) / trials;
  };
  return {share(right_retrained), share(right)};
}

HiddenStateAttack hidden_state_attack(double renyi, int releases, int trials, std::uint64_t seed) {
  constexpr int slots = 200, dimensions = 5;
  SlottedRows tables[2] = {unit_vectors(slots, dimensions, seed), unit_vectors(slots, dimensions, seed)};
  tables[1].rows.row(0) *= -1; // neighbours at the greatest distance
  SlottedRows after = tables[0];
  after.clear(0);
  DeletionPlan plan = plan_deletion({.loss = DeletionLoss::mean, .epsilon_dp = renyi}, slots, dimensions);
  const double q = plan.options.order, lambda = plan.options.lambda, shift = 2.0 / slots / lambda;
  const double reached = shift * (1 - std::pow(1 - plan.eta * lambda, plan.learn_steps));
  plan.sigma_squared = q * reached * reached / (2 * renyi) * lambda * (1 - plan.eta * lambda / 2);
  const double spread = std::sqrt(q / (2 * renyi)) * shift; // of the noise on a hidden state
  const Vector exact[2] = {tables[0].rows.colwise().mean() / lambda,
                           tables[1].rows.colwise().mean() / lambda};
  const Between hidden_observer(exact[0], exact[1]);
  DeletionPlan silent = plan;
  silent.sigma_squared = 0;
  std::vector<Vector> expected[2]; // of each release, by the table
  for (int coin = 0; coin < 2; ++coin) {
    Vector theta = learn_deletable(tables[coin], silent, 0);
    for (int m = 0; m < releases; ++m, theta = noisy_descent(after, silent, theta, 1, 0)) {
      expected[coin].push_back(theta);
    }
  }
  RandomStream random(seed, "forget-unlearning hidden state");
  HiddenStateAttack result{std::vector<double>(static_cast<std::size_t>(releases)),
                           std::vector<double>(static_cast<std::size_t>(releases))};
  for (int trial = 0; trial < trials; ++trial) {
    const std::size_t coin = random.index(2);
    Vector hidden_sum = Vector::Zero(dimensions), noisy_sum = hidden_sum, first_sum = hidden_sum,
           second_sum = hidden_sum;
    Vector theta = learn_deletable(tables[coin], plan, random());
    for (std::size_t m = 0; m < static_cast<std::size_t>(releases); ++m) {
      for (Eigen::Index k = 0; k < dimensions; ++k)
        hidden_sum[k] += exact[coin][k] + spread * random.normal();
      noisy_sum += theta;
      first_sum += expected[0][m];
      second_sum += expected[1][m];
      const double count = static_cast<double>(m + 1);
      result.hidden[m] += (hidden_observer.nearer_second(hidden_sum / count) == (coin == 1)) / double(trials);
      result.noisy[m] +=
          (Between(first_sum, second_sum).nearer_second(noisy_sum) == (coin == 1)) / double(trials);
      theta = noisy_descent(after, plan, theta, 1, random());
    }
  }
  return result;
}

KnownAnswer known_answer(int steps, int runs, std::uint64_t seed) {
  constexpr int slots = 100, dimensions = 5;
  const SlottedRows rows = unit_vectors(slots, dimensions, seed);
  // eta lambda is 1/2 for this loss, and the known law would be reached at once; steps of a fiftieth show it
  // on its way.
  DeletionPlan plan = plan_deletion({.loss = DeletionLoss::mean}, slots, dimensions);
  plan.eta /= 25;
  plan.learn_steps = steps;
  const double rate = 1 - plan.eta * plan.options.lambda, q = plan.options.order;
  const double moved = (1 - std::pow(rate, steps)) * 2 / slots / plan.options.lambda;
  KnownAnswer answer;
  answer.steps = steps;
  answer.exact_dp = gaussian_renyi(q, moved, plan.variance());
  answer.bound_dp = plan.epsilon_dp(steps);
  answer.exact_dd = gaussian_renyi(q, moved * std::pow(rate, steps), plan.variance());
  answer.bound_dd = plan.epsilon_dd(1, steps);
  const Vector expected = (1 - std::pow(rate, steps)) / plan.options.lambda * rows.rows.colwise().mean();
  Vector sum = Vector::Zero(dimensions);
  double squares = 0;
  for (const auto run_seed : many_seeds(seed, static_cast<std::size_t>(runs))) {
    const Vector deviation = learn_deletable(rows, plan, run_seed) - expected;
    sum += deviation;
    squares += deviation.squaredNorm();
  }
  const double v = plan.variance(), values = static_cast<double>(runs) * dimensions;
  answer.mean_error = (sum / runs).cwiseAbs().maxCoeff() / std::sqrt(v / runs);
  answer.variance_error = std::abs(squares / values - v) / (v * std::sqrt(2 / values));
  return answer;
}

} // namespace raphson::optim::tools
