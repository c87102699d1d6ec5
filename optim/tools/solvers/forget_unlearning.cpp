#include "optim/tools/solvers/forget_unlearning.h"

#include "dsp/error.h"
#include "optim/engine/langevin.h"
#include "optim/engine/newton.h"
#include "optim/engine/parallel.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <string>

namespace raphson::optim::tools {
namespace {

using Array = Eigen::ArrayXd;

double smoothness(DeletionLoss loss) {
  switch (loss) {
  case DeletionLoss::logistic:
    return 0.25;
  case DeletionLoss::huber:
    return 1;
  case DeletionLoss::mean:
    return 0;
  }
  return 0;
}

// log(1 + exp(-u)) without overflow.
Array softplus_of_minus(const Array& u) { return (-u).max(0) + ((-u.abs()).exp()).log1p(); }

// Each row's loss at z = <x, theta>, and its derivatives by z.
Array losses(DeletionLoss loss, const Array& z, const Array& target) {
  if (loss == DeletionLoss::mean) return -z;
  if (loss == DeletionLoss::logistic) return softplus_of_minus(target * z);
  const Array r = (z - target).abs();
  return (r <= 1).select(0.5 * r.square(), r - 0.5);
}

Array slopes(DeletionLoss loss, const Array& z, const Array& target) {
  if (loss == DeletionLoss::mean) return Array::Constant(z.size(), -1);
  if (loss == DeletionLoss::logistic) return -target / (1 + (target * z).exp());
  return (z - target).max(-1).min(1);
}

Array curvatures(DeletionLoss loss, const Array& z, const Array& target) {
  if (loss == DeletionLoss::mean) return Array::Zero(z.size());
  if (loss == DeletionLoss::logistic) {
    const Array p = 1 / (1 + (-z.abs()).exp());
    return p * (1 - p);
  }
  return ((z - target).abs() <= 1).cast<double>();
}

void check_positive(const char* name, double value) {
  if (value > 0 && std::isfinite(value)) return;
  throw InputError("forget-unlearning: " + std::string(name) + " is " + std::to_string(value)
                   + "; it must be above 0");
}

} // namespace

const char* to_string(DeletionLoss loss) {
  switch (loss) {
  case DeletionLoss::logistic:
    return "logistic";
  case DeletionLoss::huber:
    return "huber";
  case DeletionLoss::mean:
    return "mean";
  }
  return "";
}

SlottedRows::SlottedRows(data::RowMatrix all_rows, Vector all_targets)
    : rows(std::move(all_rows)), target(std::move(all_targets)),
      occupied(static_cast<std::size_t>(rows.rows()), true) {
  if (target.size() == 0) target = Vector::Zero(rows.rows());
}

void SlottedRows::clear(std::size_t slot) {
  if (!occupied.at(slot)) {
    throw InputError("forget-unlearning: row " + std::to_string(slot + 1) + " has been deleted already");
  }
  occupied[slot] = false;
  rows.row(static_cast<Eigen::Index>(slot)).setZero(); // every loss's gradient is a multiple of the row
}

int clip_to_unit_norm(data::RowMatrix& rows) {
  int clipped = 0;
  for (auto row : rows.rowwise()) {
    const double norm = row.norm();
    if (norm <= 1) continue;
    row /= norm;
    ++clipped;
  }
  return clipped;
}

double DeletionPlan::variance() const {
  return sigma_squared / (options.lambda * (1 - eta * options.lambda / 2));
}

double DeletionPlan::epsilon_dp(int steps) const {
  const double n = static_cast<double>(slots);
  return 4 * options.order / (options.lambda * sigma_squared * n * n)
         * -std::expm1(-options.lambda * eta * steps / 2);
}

int DeletionPlan::delete_steps(int rows) const {
  const double contraction = 2 * options.lambda * eta * (1 - eta * options.lambda / 2);
  const double excess = rows * rows * options.epsilon_dp / options.epsilon_dd;
  return std::max(0, static_cast<int>(std::ceil(options.order / contraction * std::log(excess))));
}

double DeletionPlan::epsilon_dd(int rows, int steps) const {
  const double contraction = 2 * options.lambda * eta * (1 - eta * options.lambda / 2);
  return rows * rows * options.epsilon_dp * std::exp(-contraction * steps / options.order);
}

DeletionPlan plan_deletion(const DeletionOptions& options, Eigen::Index slots, Eigen::Index parameters) {
  check_positive("--epsilon-dp", options.epsilon_dp);
  check_positive("--epsilon-dd", options.epsilon_dd);
  check_positive("--lambda", options.lambda);
  if (!(options.order > 1)) throw InputError("forget-unlearning: --order must be above 1");
  if (options.max_edit < 1) throw InputError("forget-unlearning: --max-edit must be at least 1");
  if (slots < 1 || parameters < 1) throw InputError("forget-unlearning: there are no rows or no features");
  DeletionPlan plan{options, slots, parameters};
  const double n = static_cast<double>(slots), q = options.order;
  plan.eta = 1 / (2 * (smoothness(options.loss) + options.lambda));
  plan.sigma_squared = 4 * q / (options.lambda * options.epsilon_dp * n * n);
  if (plan.sigma_squared >= 1) {
    throw InputError("forget-unlearning: with " + std::to_string(slots) + " rows and --epsilon-dp "
                     + std::to_string(options.epsilon_dp)
                     + " the noise drowns the signal (sigma^2 = " + std::to_string(plan.sigma_squared)
                     + ", rows have length 1): more rows or a larger epsilon");
  }
  const double excess = n * n * options.epsilon_dp / (4 * q * static_cast<double>(parameters));
  const double steps = std::ceil(std::log(excess) / (options.lambda * plan.eta));
  plan.learn_steps = std::max({1, static_cast<int>(steps), plan.delete_steps(options.max_edit)});
  return plan;
}

double approximate_epsilon(double renyi, double order, double delta) {
  return renyi + std::log(1 / delta) / (order - 1);
}

double guessing_bound(double renyi) { return std::min(1.0, 0.5 + 0.5 * std::sqrt(renyi / 2)); }

Vector noisy_descent(const SlottedRows& rows, const DeletionPlan& plan, Vector theta, int steps,
                     std::uint64_t seed) {
  const DeletionObjective objective(rows, plan.options.loss, plan.options.lambda);
  LangevinRule<double> rule(
      one_block(theta.size()),
      {.learning_rate = plan.eta, .sigma = std::sqrt(plan.sigma_squared), .seed = seed});
  Vector gradient;
  const auto size = static_cast<std::size_t>(theta.size());
  for (int k = 0; k < steps; ++k) {
    objective.gradient(theta, gradient);
    rule.step(std::span<const double>(gradient.data(), size), std::span<double>(theta.data(), size));
  }
  return theta;
}

Vector learn_deletable(const SlottedRows& rows, const DeletionPlan& plan, std::uint64_t seed) {
  RandomStream start(seed, "forget-unlearning start");
  Vector theta(rows.rows.cols());
  for (double& value : theta) value = std::sqrt(plan.variance()) * start.normal();
  return noisy_descent(rows, plan, theta, plan.learn_steps, seed);
}

Vector delete_rows(const SlottedRows& rows, const DeletionPlan& plan, const Vector& published, int deleted,
                   std::uint64_t seed) {
  if (deleted > plan.options.max_edit) {
    throw InputError("forget-unlearning: " + std::to_string(deleted)
                     + " rows in one request; the model was learned for "
                     + std::to_string(plan.options.max_edit) + " at most (--max-edit)");
  }
  return noisy_descent(rows, plan, published, plan.delete_steps(deleted), seed);
}

double DeletionObjective::value(const Vector& theta) const {
  const Array z = (rows_.rows * theta).array();
  Array each = losses(loss_, z, rows_.target.array());
  for (Eigen::Index i = 0; i < each.size(); ++i) {
    if (!rows_.occupied[static_cast<std::size_t>(i)]) each[i] = 0;
  }
  return each.mean() + lambda_ / 2 * theta.squaredNorm();
}

void DeletionObjective::gradient(const Vector& theta, Vector& result) const {
  const Array z = (rows_.rows * theta).array();
  const Array slope = slopes(loss_, z, rows_.target.array());
  result.noalias() = rows_.rows.transpose() * slope.matrix() / static_cast<double>(rows_.slots());
  result += lambda_ * theta;
}

double DeletionObjective::value_and_gradient(const Vector& theta, Vector& result) const {
  gradient(theta, result);
  return value(theta);
}

double DeletionObjective::value_gradient_and_hessian(const Vector& theta, Vector& result,
                                                     Matrix& hessian) const {
  const Array curvature = curvatures(loss_, (rows_.rows * theta).array(), rows_.target.array());
  hessian = rows_.rows.transpose() * (curvature / static_cast<double>(rows_.slots())).matrix().asDiagonal()
            * rows_.rows;
  hessian.diagonal().array() += lambda_;
  return value_and_gradient(theta, result);
}

Vector exact_minimiser(const SlottedRows& rows, DeletionLoss loss, double lambda) {
  return minimise(DeletionObjective(rows, loss, lambda), Vector::Zero(rows.rows.cols()),
                  NewtonOptions{.maximum_step = std::numeric_limits<double>::infinity()})
      .x;
}

double audit_deletion(const SlottedRows& rows, const DeletionPlan& plan, std::size_t slot, int runs,
                      std::uint64_t seed, std::size_t threads) {
  SlottedRows tables[2] = {rows, rows};
  tables[0].clear(slot);
  DeletionPlan silent = plan;
  silent.sigma_squared = 0;
  const Vector without = learn_deletable(tables[0], silent, seed),
               with = learn_deletable(tables[1], silent, seed);
  const Vector direction = with - without;
  const double middle = direction.dot(with + without) / 2;
  std::vector<int> right(static_cast<std::size_t>(runs), 0);
  std::uint64_t state = seed;
  std::vector<std::uint64_t> seeds;
  for (int k = 0; k < 2 * runs; ++k) seeds.push_back(split_mix(state));
  parallel_for(right.size(), threads, [&](std::size_t run, std::size_t) {
    for (std::size_t in = 0; in < 2; ++in) {
      const Vector theta = learn_deletable(tables[in], plan, seeds[2 * run + in]);
      right[run] += (direction.dot(theta) > middle) == (in == 1);
    }
  });
  int sum = 0;
  for (const int r : right) sum += r;
  return sum / (2.0 * runs);
}

} // namespace raphson::optim::tools
