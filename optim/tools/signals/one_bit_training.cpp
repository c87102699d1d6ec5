#include "optim/tools/signals/one_bit_training.h"

#include "dsp/error.h"
#include "optim/engine/adam_rule.h"
#include "optim/engine/batches.h"
#include "optim/engine/schedule.h"
#include "optim/tools/signals/one_bit_loss.h"

#include <algorithm>
#include <cmath>
#include <optional>

namespace raphson::optim::tools {
namespace {

using Values = Eigen::ArrayXf;

constexpr float largest_latent = 1.5f;
constexpr float largest_gradient = 5; ///< its norm
constexpr double first_theta = 0.02;

float sign_of(float v) { return v >= 0 ? 1.0f : -1.0f; }

/// Examples in units in which unknowns that are not zero have a mean square of 1.
struct Scaled {
  double unit = 1;
  Examples examples;
};

Scaled scaled(const Examples& given) {
  const double entries = static_cast<double>((given.x.array() != 0).count());
  Scaled result;
  result.unit = std::sqrt(given.x.squaredNorm() / entries);
  result.examples = {given.x / result.unit, given.y / result.unit};
  return result;
}

void check(const RowMatrix& a, const Examples& examples) {
  if (examples.x.cols() != a.cols())
    throw InputError("the examples have " + std::to_string(examples.x.cols()) + " unknowns, A has "
                     + std::to_string(a.cols()) + " columns: as many are needed");
  if (examples.y.cols() != a.rows() || examples.y.rows() != examples.x.rows())
    throw InputError("y is " + std::to_string(examples.y.rows()) + " x " + std::to_string(examples.y.cols())
                     + ", " + std::to_string(examples.x.rows()) + " x " + std::to_string(a.rows())
                     + " is needed");
  if (examples.x.rows() < 10)
    throw InputError(std::to_string(examples.x.rows()) + " examples, at least 10 are needed");
  if ((examples.x.array() == 0).all()) throw InputError("the examples are all zero");
}

/// What a stage trains. The last entries of weights and gradients are theta.
class Stage {
public:
  virtual ~Stage() = default;
  virtual void weights(Values& to) const = 0;
  /// The gradient by the trained values, from that by the weights.
  virtual void step(Values& gradient, double factor) = 0;
};

std::span<float> span_of(Values& values, Index from, Index count) {
  return {values.data() + from, static_cast<std::size_t>(count)};
}

AdamRule<float> rule_of(Index count, double rate) { return {one_block(count), {.learning_rate = rate}}; }

void clip(Values& gradient, float& further) {
  const float norm = std::sqrt(gradient.square().sum() + further * further);
  if (norm <= largest_gradient) return;
  gradient *= largest_gradient / norm;
  further *= largest_gradient / norm;
}

/// Stage 1, and with `ternary` the rival's second one: values rounded on the way forward.
class Precise final : public Stage {
public:
  Precise(Values start, Index weights, std::size_t layers, const Values& support, double rate, bool ternary)
      : values_(std::move(start)), support_(support), weights_(weights), layers_(static_cast<Index>(layers)),
        ternary_(ternary), rule_(rule_of(values_.size(), rate)) {}

  void weights(Values& to) const override {
    to = values_;
    if (!ternary_) return;
    const Index each = weights_ / layers_;
    for (Index k = 0; k < layers_; ++k) {
      auto w = to.segment(k * each, each);
      const float mean = w.abs().mean();
      w = mean * (w / mean).round().max(-1.0f).min(1.0f);
    }
  }
  void step(Values& gradient, double factor) override {
    gradient.head(weights_) *= support_;
    float none = 0;
    clip(gradient, none);
    rule_.step(span_of(gradient, 0, gradient.size()), span_of(values_, 0, values_.size()), factor);
    values_.tail(values_.size() - weights_) = values_.tail(values_.size() - weights_).max(0.0f);
  }

private:
  Values values_;
  const Values& support_;
  Index weights_, layers_;
  bool ternary_;
  AdamRule<float> rule_;
};

class OneBit final : public Stage {
public:
  /// `start`: V and theta.
  OneBit(Values start, float scale, Index weights, const Values& support, const UnrollingOptions& o)
      : values_(std::move(start)), scale_(scale), support_(support), weights_(weights),
        scale_trained_(o.scale_trained), latent_rule_(rule_of(weights, 20 * o.rate)),
        scale_rule_(rule_of(1, 0.1 * o.rate)) {
    if (thresholds() > 0) theta_rule_.emplace(one_block(thresholds()), AdamSettings{.learning_rate = o.rate});
  }

  void weights(Values& to) const override {
    to = values_;
    to.head(weights_) = scale_ * support_ * values_.head(weights_).unaryExpr(&sign_of);
  }
  void step(Values& gradient, double factor) override {
    auto by_weights = gradient.head(weights_);
    by_weights *= support_;
    float by_scale = scale_trained_ ? (by_weights * values_.head(weights_).unaryExpr(&sign_of)).sum() : 0;
    by_weights *= scale_;
    clip(gradient, by_scale);
    latent_rule_.step(span_of(gradient, 0, weights_), span_of(values_, 0, weights_), factor);
    values_.head(weights_) = values_.head(weights_).max(-largest_latent).min(largest_latent);
    if (scale_trained_) {
      scale_rule_.step({&by_scale, 1}, {&scale_, 1}, factor);
      scale_ = std::max(scale_, 1e-6f);
    }
    if (!theta_rule_) return;
    theta_rule_->step(span_of(gradient, weights_, thresholds()), span_of(values_, weights_, thresholds()),
                      factor);
    values_.tail(thresholds()) = values_.tail(thresholds()).max(0.0f);
  }
  const Values& values() const { return values_; }
  float scale() const { return scale_; }

private:
  Index thresholds() const { return values_.size() - weights_; }

  Values values_;
  float scale_;
  const Values& support_;
  Index weights_;
  bool scale_trained_;
  AdamRule<float> latent_rule_, scale_rule_;
  std::optional<AdamRule<float>> theta_rule_;
};

void run_stage(const UnrolledLoss<float>& loss, std::size_t examples, int number, Stage& stage,
               const UnrollingOptions& o) {
  Batches batches(examples, o.batch_size, o.seed, "unrolling stage " + std::to_string(number));
  const auto each = static_cast<std::int64_t>(batches.batches_per_epoch());
  const Schedule factor = cosine(each * o.epochs);
  Values weights, gradient(loss.parameters());
  double sum = 0;
  for (std::int64_t step = 1; step <= each * o.epochs; ++step) {
    stage.weights(weights);
    sum += loss.value_and_gradient(weights.data(), batches.next(), gradient.data());
    if (!gradient.isFinite().all())
      throw InputError("training stopped being finite in step " + std::to_string(step) + " of stage "
                       + std::to_string(number) + "; a lower --rate helps");
    stage.step(gradient, factor(step));
    if (step % each != 0) continue;
    if (o.observer) o.observer(number, static_cast<int>(step / each), sum / static_cast<double>(each));
    sum = 0;
  }
}

/// W_0 ..., then theta in the training's units where there is a prior.
Values flat(const Unrolled& network, double unit, Prior prior) {
  const Index each = network.w.front().size(), layers = std::ssize(network.w);
  Values values(layers * each + (prior == Prior::sparse ? layers : 0));
  for (Index k = 0; k < layers; ++k) {
    const RowMatrix& w = network.w[static_cast<std::size_t>(k)];
    values.segment(k * each, each) = w.reshaped<Eigen::RowMajor>().cast<float>().array();
    if (prior == Prior::sparse)
      values[layers * each + k] = static_cast<float>(network.theta[static_cast<std::size_t>(k)] / unit);
  }
  return values;
}

Unrolled unflat(const Values& values, const RowMatrix& a, std::size_t layers, double unit, Prior prior) {
  Unrolled network{{}, std::vector<double>(layers, 0.0)};
  const Index each = a.size();
  for (std::size_t k = 0; k < layers; ++k) {
    const auto at = static_cast<Index>(k);
    network.w.push_back(
        Eigen::Map<const Eigen::Matrix<float, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>>(
            values.data() + at * each, a.cols(), a.rows())
            .cast<double>());
    if (prior == Prior::sparse)
      network.theta[k] = unit * static_cast<double>(values[static_cast<Index>(layers) * each + at]);
  }
  return network;
}

/// The support of each layer, one behind the other.
Values supports(const RowMatrix& a, std::size_t layers, bool dense) {
  const RowMatrix one = support_of(a);
  const Values single =
      dense ? Values::Ones(a.size()) : Values(one.reshaped<Eigen::RowMajor>().cast<float>().array());
  return single.replicate(static_cast<Index>(layers), 1);
}

Unrolled train_precise(const Unrolled& start, const RowMatrix& a, const Examples& given,
                       const UnrollingOptions& o, bool dense, bool ternary) {
  const Scaled data = scaled(given);
  const UnrolledLoss<float> loss(a, data.examples, start.layers(), o.prior);
  const Values support = supports(a, start.layers(), dense);
  Precise stage(flat(start, data.unit, o.prior), loss.weights(), start.layers(), support, o.rate, ternary);
  run_stage(loss, static_cast<std::size_t>(given.x.rows()), ternary ? 2 : 1, stage, o);
  Values weights;
  stage.weights(weights);
  return unflat(weights, a, start.layers(), data.unit, o.prior);
}

} // namespace

Unrolled train_full_precision(const RowMatrix& a, const Examples& examples, const UnrollingOptions& o) {
  check(a, examples);
  const double theta = o.prior == Prior::sparse ? first_theta * scaled(examples).unit : 0;
  return train_precise(classic_iteration(a, o.layers, theta), a, examples, o, o.dense, false);
}

Unrolled train_ternary(const Unrolled& stage1, const RowMatrix& a, const Examples& examples,
                       const UnrollingOptions& o) {
  check(a, examples);
  return train_precise(stage1, a, examples, o, true, true);
}

OneBitNetwork to_one_bit(const Unrolled& network, const RowMatrix& a) {
  const RowMatrix support = support_of(a);
  OneBitNetwork result;
  double sum = 0;
  for (std::size_t k = 0; k < network.layers(); ++k) {
    auto& signs = result.signs.emplace_back();
    for (Index i = 0; i < support.size(); ++i) {
      if (support.data()[i] == 0) continue;
      const double w = network.w[k].data()[i];
      signs.push_back(w >= 0);
      sum += std::abs(w);
    }
    result.theta.push_back(static_cast<float>(network.theta[k]));
  }
  result.scale = static_cast<float>(sum / (support.sum() * static_cast<double>(network.layers())));
  return result;
}

OneBitNetwork train_one_bit(const Unrolled& stage1, const RowMatrix& a, const Examples& given,
                            const UnrollingOptions& o) {
  check(a, given);
  const Scaled data = scaled(given);
  const UnrolledLoss<float> loss(a, data.examples, stage1.layers(), o.prior);
  const Values support = supports(a, stage1.layers(), false);
  const float scale = to_one_bit(stage1, a).scale;
  Values start = flat(stage1, data.unit, o.prior);
  auto latent = start.head(loss.weights());
  latent = (latent / scale).max(-largest_latent).min(largest_latent) * support;
  OneBit stage(start, scale, loss.weights(), support, o);
  run_stage(loss, static_cast<std::size_t>(given.x.rows()), 2, stage, o);
  OneBitNetwork result = to_one_bit(unflat(stage.values(), a, stage1.layers(), data.unit, o.prior), a);
  result.scale = stage.scale();
  return result;
}

Unrolled OneBitNetwork::expanded(const RowMatrix& a) const {
  const RowMatrix support = support_of(a);
  Unrolled network;
  for (std::size_t k = 0; k < signs.size(); ++k) {
    RowMatrix w = support;
    std::size_t at = 0;
    for (Index i = 0; i < w.size(); ++i)
      if (w.data()[i] != 0) w.data()[i] = signs[k][at++] ? double{scale} : -double{scale};
    network.w.push_back(std::move(w));
    network.theta.push_back(double{theta[k]});
  }
  return network;
}

} // namespace raphson::optim::tools
