#include "optim/tools/solvers/adam_experiments.h"

#include "optim/autodiff/operations/arithmetic.h"
#include "optim/autodiff/operations/movement.h"
#include "optim/autodiff/operations/reduction.h"
#include "optim/autodiff/operations/softmax.h"
#include "optim/data/loader.h"
#include "optim/engine/batches.h"
#include "optim/engine/glm.h"
#include "optim/engine/parallel.h"
#include "optim/nn/train.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace raphson::optim::tools {

using Eigen::Index;

namespace {

constexpr double infinite = std::numeric_limits<double>::infinity();

std::span<double> values(Vector& x) { return {x.data(), static_cast<std::size_t>(x.size())}; }

} // namespace

SparseFeatures sparse_features(Index rows, Index features, std::uint64_t seed) {
  RandomStream on(seed, "sparse features"), weight(seed, "sparse weights"), label(seed, "sparse labels");
  SparseFeatures data{Matrix::Ones(rows, features + 1), Vector(rows)};
  Vector w(features);
  for (double& each : w) each = weight.normal();
  for (Index i = 0; i < rows; ++i)
    for (Index j = 0; j < features; ++j)
      data.x(i, j) = on.uniform() < std::min(0.5, 3 / static_cast<double>(j + 1)) ? 1 : 0;
  Vector logits = data.x.leftCols(features) * w;
  logits.array() -= logits.mean();
  for (Index i = 0; i < rows; ++i)
    data.y[i] = label.uniform() < glm_mean(GlmFamily::logistic, logits[i]) ? 1 : 0;
  return data;
}

namespace {

/// The loss without dropout after training with it.
double sparse_run(const SparseFeatures& data, const data::Dataset& rows, const OptimiserGrid& grid,
                  double step, int epochs, std::uint64_t seed) {
  data::Loader loader(rows,
                      {.batch_size = 128, .seed = seed, .augmentations = {data::drop_inputs(0.5, true)}});
  const auto rule = make_rule<double>(with_learning_rate(grid.rule, step), one_block(data.x.cols()));
  Vector theta = Vector::Zero(data.x.cols()), gradient;
  Matrix x;
  std::int64_t t = 0;
  const std::int64_t steps = epochs * static_cast<std::int64_t>(loader.batches_per_epoch());
  while (++t <= steps) {
    const data::Batch batch = loader.next();
    x.setOnes(batch.features.rows(), data.x.cols());
    x.leftCols(batch.features.cols()) = batch.features;
    const Vector y = Eigen::Map<const Vector>(batch.target.data(), x.rows());
    const GlmObjective loss(x, y,
                            {.family = GlmFamily::logistic, .scale = 1 / static_cast<double>(x.rows())});
    loss.value_and_gradient(theta, gradient);
    if (!gradient.allFinite()) return infinite;
    rule->step(values(gradient), values(theta), grid.schedule ? grid.schedule(t) : 1);
  }
  const GlmObjective all(data.x, data.y,
                         {.family = GlmFamily::logistic, .scale = 1 / static_cast<double>(data.y.size())});
  return all.value(theta);
}

} // namespace

std::vector<SparseRun> sparse_study(const SparseFeatures& data, const std::vector<OptimiserGrid>& grids,
                                    int epochs, std::uint64_t seed) {
  const data::Dataset rows{.features = data.x.leftCols(data.x.cols() - 1), .target = data.y};
  std::vector<SparseRun> runs;
  for (const OptimiserGrid& grid : grids) {
    std::vector<double> losses(grid.steps.size());
    parallel_for(losses.size(), default_threads(), [&](std::size_t s, std::size_t) {
      losses[s] = sparse_run(data, rows, grid, grid.steps[s], epochs, seed);
    });
    const auto best =
        static_cast<std::size_t>(std::min_element(losses.begin(), losses.end()) - losses.begin());
    runs.push_back({grid.name, grid.steps[best], losses[best]});
  }
  return runs;
}

namespace {

/// D. Kingma & M. Welling, ICLR 2014: the bound with the Gaussian divergence in closed form, a sample of the
/// code each.
struct Autoencoder {
  static constexpr Index code = 8, hidden = 64;
  nn::Layout layout;
  nn::Linear encode, moments, decode, pixels;

  explicit Autoencoder(Index inputs)
      : encode(layout, "encode", inputs, hidden), moments(layout, "moments", hidden, 2 * code),
        decode(layout, "decode", code, hidden), pixels(layout, "pixels", hidden, inputs) {}

  Var<float> losses(const nn::Weights<float>& w, Var<float> x, const std::vector<float>& noise) const {
    const Index n = x.shape()[0];
    const Var<float> both = moments(w, softplus(encode(w, x)));
    const Var<float> mean = slice(both, 1, 0, code), log_variance = slice(both, 1, code, code);
    const Var<float> z = mean + w.tape().constant({n, code}, noise.data()) * exp(0.5f * log_variance);
    const Var<float> logits = pixels(w, softplus(decode(w, z)));
    const Var<float> divergence = sum(square(mean) + exp(log_variance) - log_variance - 1.0f, 1);
    return sum(binary_cross_entropy(logits, x), 1) + 0.5f * divergence;
  }
};

double mean_loss_of_last_epoch(const data::Dataset& images, const AdamSettings& adam, int epochs,
                               std::uint64_t seed) {
  const Autoencoder network(images.features.cols());
  std::vector<float> noise;
  const nn::NetworkObjective<float> objective(
      network.layout, images.size(), [&](const nn::Weights<float>& w, nn::Examples examples) {
        return network.losses(w, nn::rows_of(w.tape(), images.features, examples), noise);
      });
  Batches batches(images.size(), 100, seed);
  RandomStream normal(seed, "code noise");
  AdamRule<float> rule(nn::blocks_of(network.layout), adam);
  const Vector start = network.layout.initial(seed);
  std::vector<float> x(start.begin(), start.end()), gradient(x.size());
  double sum = 0;
  for (int epoch = 0; epoch < epochs; ++epoch)
    for (std::size_t b = 0; b < batches.batches_per_epoch(); ++b) {
      const auto examples = batches.next();
      noise.resize(examples.size() * Autoencoder::code);
      for (float& each : noise) each = static_cast<float>(normal.normal());
      const double loss = objective.value_and_gradient(x.data(), examples, gradient.data());
      if (!std::isfinite(loss)) return infinite;
      if (epoch + 1 == epochs) sum += loss / static_cast<double>(batches.batches_per_epoch());
      rule.step(gradient, x);
    }
  return sum;
}

} // namespace

std::vector<BiasCorrectionCell> bias_correction_grid(const data::Dataset& images,
                                                     const std::vector<double>& beta2s,
                                                     const std::vector<double>& alphas, int epochs,
                                                     std::uint64_t seed) {
  std::vector<BiasCorrectionCell> cells;
  for (const double alpha : alphas)
    for (const double beta2 : beta2s) cells.push_back({.beta2 = beta2, .alpha = alpha});
  parallel_for(2 * cells.size(), default_threads(), [&](std::size_t job, std::size_t) {
    BiasCorrectionCell& cell = cells[job / 2];
    const bool corrected = job % 2 == 0;
    (corrected ? cell.corrected : cell.uncorrected) = mean_loss_of_last_epoch(
        images, {.learning_rate = cell.alpha, .beta2 = cell.beta2, .bias_correction = corrected}, epochs,
        seed);
  });
  return cells;
}

double end_on_reddis_costs(const RuleSettings& settings, double start, int steps) {
  const auto rule = make_rule<double>(settings, one_block(1));
  double x = start;
  for (int t = 1; t <= steps; ++t) {
    const double gradient = t % 3 == 1 ? 3 : -1;
    rule->step({&gradient, 1}, {&x, 1}, 1 / std::sqrt(t));
    x = std::clamp(x, -1.0, 1.0);
  }
  return x;
}

} // namespace raphson::optim::tools
