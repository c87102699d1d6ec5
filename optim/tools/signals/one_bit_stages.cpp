#include "optim/tools/signals/one_bit_stages.h"

#include <algorithm>
#include <cmath>

namespace raphson::optim::tools {
namespace {

constexpr float largest_gradient = 5; ///< its norm
constexpr float smallest_scale = 1e-6f;

float sign_of(float v) { return v >= 0 ? 1.0f : -1.0f; }

std::span<float> span_of(StageValues& values, Index from, Index count) {
  return {values.data() + from, static_cast<std::size_t>(count)};
}

AdamRule<float> rule_of(Index count, double rate) { return {one_block(count), {.learning_rate = rate}}; }

void clip(StageValues& gradient, float& further) {
  const float norm = std::sqrt(gradient.square().sum() + further * further);
  if (norm <= largest_gradient) return;
  gradient *= largest_gradient / norm;
  further *= largest_gradient / norm;
}

} // namespace

PreciseStage::PreciseStage(StageValues start, Index weights, std::size_t layers, const StageValues& support,
                           double rate, bool ternary)
    : values_(std::move(start)), support_(support), weights_(weights), layers_(static_cast<Index>(layers)),
      ternary_(ternary), rule_(rule_of(values_.size(), rate)) {}

void PreciseStage::weights(StageValues& to) const {
  to = values_;
  if (!ternary_) return;
  const Index each = weights_ / layers_;
  for (Index k = 0; k < layers_; ++k) {
    auto w = to.segment(k * each, each);
    const float mean = w.abs().mean();
    w = mean * (w / mean).round().max(-1.0f).min(1.0f);
  }
}

void PreciseStage::step(StageValues& gradient, double factor) {
  gradient.head(weights_) *= support_;
  float none = 0;
  clip(gradient, none);
  rule_.step(span_of(gradient, 0, gradient.size()), span_of(values_, 0, values_.size()), factor);
  values_.tail(values_.size() - weights_) = values_.tail(values_.size() - weights_).max(0.0f);
}

OneBitStage::OneBitStage(StageValues start, float scale, Index weights, const StageValues& support,
                         const UnrollingOptions& o)
    : values_(std::move(start)), scale_(scale), support_(support), weights_(weights),
      scale_trained_(o.scale_trained), latent_rule_(rule_of(weights, 20 * o.rate)),
      scale_rule_(rule_of(1, 0.1 * o.rate)) {
  if (thresholds() > 0) theta_rule_.emplace(one_block(thresholds()), AdamSettings{.learning_rate = o.rate});
}

void OneBitStage::weights(StageValues& to) const {
  to = values_;
  to.head(weights_) = scale_ * support_ * values_.head(weights_).unaryExpr(&sign_of);
}

void OneBitStage::step(StageValues& gradient, double factor) {
  auto by_weights = gradient.head(weights_);
  by_weights *= support_;
  float by_scale = scale_trained_ ? (by_weights * values_.head(weights_).unaryExpr(&sign_of)).sum() : 0;
  by_weights *= scale_;
  clip(gradient, by_scale);
  latent_rule_.step(span_of(gradient, 0, weights_), span_of(values_, 0, weights_), factor);
  values_.head(weights_) = values_.head(weights_).max(-largest_latent).min(largest_latent);
  if (scale_trained_) {
    scale_rule_.step({&by_scale, 1}, {&scale_, 1}, factor);
    scale_ = std::max(scale_, smallest_scale);
  }
  if (!theta_rule_) return;
  theta_rule_->step(span_of(gradient, weights_, thresholds()), span_of(values_, weights_, thresholds()),
                    factor);
  values_.tail(thresholds()) = values_.tail(thresholds()).max(0.0f);
}

} // namespace raphson::optim::tools
