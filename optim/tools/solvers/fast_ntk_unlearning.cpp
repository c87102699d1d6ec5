#include "optim/tools/solvers/fast_ntk_unlearning.h"

#include "dsp/error.h"
#include "optim/autodiff/operations/reduction.h"
#include "optim/autodiff/operations/softmax.h"
#include "optim/engine/adam_rule.h"
#include "optim/engine/stopwatch.h"

#include <unistd.h>

#include <cmath>
#include <numeric>

namespace raphson::optim::tools {
namespace {

using Floats = Eigen::VectorXf;

template <class T>
nn::Losses<T> losses_of(const nn::Network<T>& network, const TuningRows& data, TuningLoss loss) {
  return [network, labels = data.labels, loss](const nn::Weights<T>& w, nn::Examples examples) {
    const Var<T> y = network.evaluate(w, examples);
    std::vector<int> of_batch;
    for (const std::size_t e : examples) of_batch.push_back(labels[e]);
    if (loss == TuningLoss::cross_entropy) return cross_entropy(y, std::span<const int>(of_batch));
    T* const target = y.tape().template take_array<T>(y.size());
    std::fill_n(target, y.size(), T(0));
    for (std::size_t i = 0; i < of_batch.size(); ++i)
      target[static_cast<Index>(i) * network.outputs + of_batch[i]] = T(1);
    return T(0.5) * sum(square(y - y.tape().constant(y.shape(), target)), 1);
  };
}

void check_memory(double rows, double outputs, double parameters) {
  const double bytes = rows * outputs * parameters * sizeof(double);
  const double memory =
      static_cast<double>(sysconf(_SC_PHYS_PAGES)) * static_cast<double>(sysconf(_SC_PAGE_SIZE));
  if (bytes <= memory / 2) return;
  throw InputError("fast-ntk-unlearning: the Jacobian of " + std::to_string(std::llround(rows)) + " rows x "
                   + std::to_string(std::llround(outputs)) + " outputs x "
                   + std::to_string(std::llround(parameters)) + " parameters takes "
                   + std::to_string(std::llround(bytes))
                   + " bytes, more than half of the memory; --train norm " + "has fewer parameters");
}

void check_forgotten(std::size_t rows, std::span<const std::size_t> forgotten) {
  std::vector<bool> seen(rows);
  for (const std::size_t row : forgotten) {
    if (row >= rows)
      throw InputError("fast-ntk-unlearning: row " + std::to_string(row + 1)
                       + " is not in the tuning data, which has " + std::to_string(rows) + " rows");
    if (seen[row])
      throw InputError("fast-ntk-unlearning: row " + std::to_string(row + 1) + " is to be forgotten twice");
    seen[row] = true;
  }
  if (forgotten.size() == rows)
    throw InputError(
        "fast-ntk-unlearning: all rows are to be forgotten; the base network is what never saw them");
}

// Lines [row * outputs + output] of these rows.
std::vector<Index> lines_of(std::span<const std::size_t> rows, Index outputs) {
  std::vector<Index> lines;
  for (const std::size_t row : rows)
    for (Index c = 0; c < outputs; ++c) lines.push_back(static_cast<Index>(row) * outputs + c);
  return lines;
}

} // namespace

Vector tune(const NormalisedNet& net, const Vector& origin, const TuningRows& data,
            const TuningOptions& options, const std::function<bool(int step, const Vector& w)>& after) {
  const NormalisedLayout layout(net.widths, options.trainable);
  const nn::NetworkObjective<float> f(
      layout.trained(), static_cast<std::size_t>(data.features.rows()),
      losses_of<float>(network_of<float>(layout, net, data.features), data, options.loss));
  const Floats w_0 = origin.cast<float>();
  Floats w = layout.part(net.parameters).cast<float>(), gradient(w.size());
  const auto size = static_cast<std::size_t>(w.size());
  AdamRule<float> adam(one_block(w.size()), {.learning_rate = options.learning_rate});
  for (int step = 1; step <= options.steps; ++step) {
    f.value_and_gradient(w.data(), data.rows, gradient.data());
    gradient += static_cast<float>(options.lambda) * (w - w_0);
    adam.step(std::span<const float>(gradient.data(), size), std::span<float>(w.data(), size));
    if (after && !after(step, w.cast<double>())) break;
  }
  return w.cast<double>();
}

double tuning_loss(const NormalisedNet& net, const TuningRows& data, TuningLoss loss) {
  const NormalisedLayout layout(net.widths);
  const nn::NetworkObjective<double> f(
      layout.trained(), static_cast<std::size_t>(data.features.rows()),
      losses_of<double>(network_of<double>(layout, net, data.features), data, loss));
  return f.losses(net.parameters, data.rows).mean();
}

LinearModel linear_model(const NormalisedNet& net, const Vector& origin, const Vector& point,
                         const TuningRows& data, const TuningOptions& options) {
  const NormalisedLayout layout(net.widths, options.trainable);
  const Index outputs = net.outputs();
  check_memory(static_cast<double>(data.rows.size()), static_cast<double>(outputs),
               static_cast<double>(layout.size()));
  const auto at_point =
      nn::linearise(layout.trained(), point, network_of<double>(layout, net, data.features), data.rows);
  data::RowMatrix residual = -at_point.outputs;
  if (options.loss == TuningLoss::cross_entropy) {
    residual = (at_point.outputs.colwise() - at_point.outputs.rowwise().maxCoeff()).array().exp();
    residual = residual.array().colwise() / -residual.rowwise().sum().array().eval();
  }
  for (Index e = 0; e < residual.rows(); ++e)
    residual(e, data.labels[data.rows[static_cast<std::size_t>(e)]]) += 1;
  LinearModel model{at_point.jacobian, Eigen::Map<const Vector>(residual.data(), residual.size()), outputs};
  if (point != origin) model.residual += model.jacobian * (point - origin);
  return model;
}

RidgeDeviations ridge_deviations(const LinearModel& model, std::span<const std::size_t> forgotten,
                                 double lambda_all, double lambda_retained, RidgeSide side) {
  const auto rows = static_cast<std::size_t>(model.rows());
  check_forgotten(rows, forgotten);
  const auto lines = lines_of(rows_without(rows, forgotten), model.outputs);
  const Index parameters = model.jacobian.cols();
  if (std::min(lambda_all, lambda_retained) <= 0 && parameters < std::ssize(lines))
    throw InputError("--lambda must be above 0: " + std::to_string(parameters) + " parameters are fewer than "
                     + std::to_string(lines.size()) + " rows x outputs, and the kernel is singular");
  if (side == RidgeSide::automatic)
    side = parameters <= model.jacobian.rows() ? RidgeSide::parameters : RidgeSide::rows;
  if (side == RidgeSide::rows) {
    std::vector<Index> all(static_cast<std::size_t>(model.jacobian.rows()));
    std::iota(all.begin(), all.end(), Index{0});
    const RidgeKernel kernel(model.jacobian);
    return {kernel.solve(all, model.residual, lambda_all),
            kernel.solve(lines, model.residual, lambda_retained), side};
  }
  RidgeSums sums(model.jacobian, model.residual);
  RidgeDeviations result{sums.solve(lambda_all), {}, side};
  // Taking out more than half would cost digits, and more than summing up the rest.
  if (2 * std::ssize(lines) > model.jacobian.rows()) {
    const auto lines_f = lines_of(forgotten, model.outputs);
    sums.remove(data::RowMatrix(model.jacobian(lines_f, Eigen::all)), model.residual(lines_f));
  } else {
    sums = {data::RowMatrix(model.jacobian(lines, Eigen::all)), model.residual(lines)};
  }
  result.retained = sums.solve(lambda_retained);
  return result;
}

Vector forgetting_by_kernels(const LinearModel& model, std::span<const std::size_t> forgotten,
                             double lambda) {
  const auto rows = static_cast<std::size_t>(model.rows());
  check_forgotten(rows, forgotten);
  if (forgotten.empty()) return Vector::Zero(model.jacobian.cols());
  const auto lines_f = lines_of(forgotten, model.outputs),
             lines_r = lines_of(rows_without(rows, forgotten), model.outputs);
  const data::RowMatrix j_f = model.jacobian(lines_f, Eigen::all), j_r = model.jacobian(lines_r, Eigen::all);
  Matrix k_rr = j_r * j_r.transpose(), schur = j_f * j_f.transpose();
  k_rr.diagonal().array() += lambda;
  schur.diagonal().array() += lambda;
  const Matrix k_rf = j_r * j_f.transpose();
  const Eigen::LLT<Matrix> factor_r(k_rr);
  schur -= k_rf.transpose() * factor_r.solve(k_rf);
  const Vector v =
      model.residual(lines_f) - k_rf.transpose() * factor_r.solve(Vector(model.residual(lines_r)));
  const Eigen::LLT<Matrix> factor_f(schur);
  if (factor_r.info() != Eigen::Success || factor_f.info() != Eigen::Success)
    throw InputError("fast-ntk-unlearning: the kernel is singular; a larger --lambda would do");
  const Vector moved = j_f.transpose() * factor_f.solve(v);
  return j_r.transpose() * factor_r.solve(Vector(j_r * moved)) - moved;
}

double trapezium_scale(const Vector& delta, const Vector& e) {
  const double length = delta.norm(), rest = e.norm();
  if (length == 0 || rest == 0) return 1;
  return 1 + 2 * std::abs(delta.dot(e) / (length * rest)) * rest / length;
}

Forgetting fast_ntk_forget(const NormalisedNet& tuned, const Vector& origin, const TuningRows& data,
                           std::span<const std::size_t> forgotten, const TuningOptions& tuning,
                           const ForgettingOptions& options) {
  check_forgotten(data.rows.size(), forgotten);
  const NormalisedLayout layout(tuned.widths, tuning.trainable);
  const Vector w_d = layout.part(tuned.parameters);
  Forgetting result;
  Stopwatch stopwatch;
  const LinearModel model =
      linear_model(tuned, origin, options.point == LinearisationPoint::start ? origin : w_d, data, tuning);
  result.jacobian_seconds = stopwatch.seconds();
  stopwatch = {};
  const double all = static_cast<double>(data.rows.size()), forgets = static_cast<double>(forgotten.size());
  const auto a =
      ridge_deviations(model, forgotten, tuning.lambda * all, tuning.lambda * (all - forgets), options.side);
  result.delta = a.retained - a.all;
  if (options.trapezium) result.scale = trapezium_scale(result.delta, w_d - origin - a.retained);
  result.w = w_d + result.scale * result.delta;
  result.side = a.side;
  result.solve_seconds = stopwatch.seconds();
  return result;
}

std::vector<std::size_t> rows_without(std::size_t count, std::span<const std::size_t> left_out) {
  std::vector<bool> out(count);
  for (const std::size_t row : left_out) out.at(row) = true;
  std::vector<std::size_t> rows;
  for (std::size_t row = 0; row < count; ++row)
    if (!out[row]) rows.push_back(row);
  return rows;
}

NormalisedNet with_trained(const NormalisedNet& net, Trainable trainable, const Vector& w) {
  NormalisedNet result = net;
  NormalisedLayout(net.widths, trainable).part(result.parameters) = w;
  return result;
}

} // namespace raphson::optim::tools
