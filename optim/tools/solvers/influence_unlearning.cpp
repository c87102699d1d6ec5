#include "optim/tools/solvers/influence_unlearning.h"

#include "dsp/error.h"
#include "optim/engine/adam_rule.h"
#include "optim/engine/batches.h"
#include "optim/engine/conjugate_gradients.h"
#include "optim/engine/gradient_regularisation.h"
#include "optim/nn/mlp_objective.h"
#include "optim/nn/mlp_passes.h"
#include "optim/nn/train.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace raphson::optim::tools {
namespace {

constexpr double first_rate = 1e-4, growth = 1.05, last_rate = 100;

void check(nn::Examples forgotten, nn::Examples remaining, const InfluenceOptions& o) {
  if (!(o.rate > 0) || !std::isfinite(o.rate)) throw InputError("--rate must be above 0");
  if (!(o.correction >= 0) || !std::isfinite(o.correction))
    throw InputError("--correction must be at least 0");
  if (o.until && !std::isfinite(*o.until)) throw InputError("--until: the loss must be a number");
  if (remaining.empty())
    throw InputError(
        "influence-unlearning: all rows are to be forgotten; a new network is what never saw them");
  std::vector<std::size_t> sorted(remaining.begin(), remaining.end());
  std::sort(sorted.begin(), sorted.end());
  for (const std::size_t row : forgotten)
    if (std::binary_search(sorted.begin(), sorted.end(), row))
      throw InputError("influence-unlearning: row " + std::to_string(row + 1)
                       + " is both to be forgotten and to remain");
}

// The smallest rate at which the loss reaches the goal: it grows geometrically until it does, and the last
// interval is halved.
void search_rate(const std::function<double(double)>& loss_at, double goal, InfluenceForgetting& result) {
  if (result.loss_before >= goal) return;
  double low = 0, high = first_rate, loss = loss_at(high);
  while (!(loss >= goal) && high < last_rate) {
    low = high;
    high = std::min(high * growth, last_rate);
    loss = loss_at(high);
  }
  result.reached = loss >= goal;
  result.eta = high;
  result.loss_after = loss;
  while (result.reached && high - low > 1e-6 * high) {
    const double middle = 0.5 * (low + high), at_middle = loss_at(middle);
    if (at_middle >= goal) {
      high = result.eta = middle;
      result.loss_after = at_middle;
    } else {
      low = middle;
    }
  }
}

} // namespace

RestrictedRun train_restricted(const nn::RowModel& model, const nn::RowNumbers& rows,
                               const nn::RowNumbers& validation, const Vector& start,
                               const RestrictedTraining& o, const std::function<void(int)>& progress) {
  if (rows.empty()) throw InputError("influence-unlearning: no rows to train on");
  const auto loss = nn::mlp_objective<float>(model.layout, model.mlp, model.dataset);
  const auto restricted = gradient_restricted(loss, nn::blocks_of(model.layout), o.alpha);
  AdamRule<double> adam(one_block(start.size()), {.learning_rate = o.learning_rate});
  Batches batches(rows.size(), o.batch_size, o.seed, "influence training");
  RestrictedRun run{start, 0};
  Vector theta = start, gradient(start.size());
  const auto size = static_cast<std::size_t>(start.size());
  double best = std::numeric_limits<double>::infinity();
  nn::RowNumbers examples;
  for (int without_gain = 0; run.epochs < o.epochs && (validation.empty() || without_gain < o.patience);) {
    for (std::size_t k = 0; k < batches.batches_per_epoch(); ++k) {
      examples.clear();
      for (const std::size_t i : batches.next()) examples.push_back(rows[i]);
      const double value = restricted.value_and_gradient(theta, examples, gradient);
      if (!std::isfinite(value) || !gradient.allFinite())
        throw InputError("training: the loss is no longer finite in epoch " + std::to_string(run.epochs + 1)
                         + "; a lower learning rate would be right");
      adam.step(std::span<const double>(gradient.data(), size), std::span<double>(theta.data(), size));
    }
    ++run.epochs;
    const double now =
        validation.empty() ? -run.epochs : nn::classified(model.mlp, theta, model.dataset, validation).loss;
    ++without_gain;
    if (now < best) {
      best = now;
      run.parameters = theta;
      without_gain = 0;
    }
    if (progress) progress(run.epochs);
  }
  return run;
}

Vector step_direction(const Vector& g, UnlearningStep step) {
  if (step == UnlearningStep::sgd) return g;
  Vector moved = Vector::Zero(g.size());
  const auto size = static_cast<std::size_t>(g.size());
  AdamRule<double> adam(one_block(g.size()), {.learning_rate = 1});
  adam.step(std::span<const double>(g.data(), size), std::span<double>(moved.data(), size));
  return -moved;
}

InfluenceForgetting forget_by_influence(const nn::NetworkObjective<double>& f, const Vector& theta,
                                        nn::Examples forgotten, nn::Examples remaining,
                                        const InfluenceOptions& o) {
  check(forgotten, remaining, o);
  InfluenceForgetting result{.theta = theta, .g = Vector::Zero(theta.size())};
  if (forgotten.empty()) return result;
  Vector gradient;
  result.loss_before = f.value_and_gradient(theta, forgotten, gradient);
  result.loss_after = result.loss_before;
  result.gradient_rows = forgotten.size();
  result.g = -gradient;
  if (o.correction > 0) {
    f.value_and_gradient(theta, remaining, gradient);
    result.gradient_rows += remaining.size();
    result.g += o.correction * gradient;
  }
  if (result.g.norm() == 0) {
    result.reached = !o.until || result.loss_before >= *o.until;
    return result;
  }
  const Vector direction = step_direction(result.g, o.step);
  const auto loss_at = [&](double eta) {
    ++result.searches;
    return f.losses(theta - eta * direction, forgotten).mean();
  };
  if (o.until) {
    search_rate(loss_at, *o.until, result);
  } else {
    result.eta = o.rate;
    result.loss_after = loss_at(o.rate);
  }
  if (result.eta > 0) result.theta = theta - result.eta * direction;
  return result;
}

InfluenceFunction influence_function(const nn::Mlp& mlp, const Vector& theta, const data::Dataset& dataset,
                                     const nn::RowNumbers& rows, const nn::RowNumbers& forgotten,
                                     double damping) {
  const nn::MlpPass all(mlp, theta, nn::select_features(dataset.features, rows)),
      gone(mlp, theta, nn::select_features(dataset.features, forgotten));
  const Vector sum = nn::mean_gradient(gone, nn::loss_by_outputs(gone.outputs(), dataset, forgotten))
                     * static_cast<double>(forgotten.size());
  const auto loss = nn::loss_of(dataset);
  const auto product = [&](const Vector& v) -> Vector {
    return nn::gauss_newton_product(all, loss, v) + damping * v;
  };
  const CgResult solved =
      conjugate_gradients(product, sum, {.maximum_iterations = 500, .relative_tolerance = 1e-5});
  return {theta + solved.x / static_cast<double>(rows.size()), solved.iterations};
}

} // namespace raphson::optim::tools
