// What the two stages of one_bit_training.h train, and one step of each.
#pragma once

#include "optim/autodiff/shape.h"
#include "optim/engine/adam_rule.h"
#include "optim/tools/signals/one_bit_training.h"

#include <optional>

namespace raphson::optim::tools {

/// W of all layers, row by row, then theta; also a gradient by them.
using StageValues = Eigen::ArrayXf;

class Stage {
public:
  virtual ~Stage() = default;
  /// As the layers use them.
  virtual void weights(StageValues& to) const = 0;
  /// `gradient` by those weights, which it overwrites; `factor` on the rates.
  virtual void step(StageValues& gradient, double factor) = 0;
};

/// Stage 1, and with `ternary` the rival's second one: values rounded on the way forward.
class PreciseStage final : public Stage {
public:
  /// `support` must outlive it.
  PreciseStage(StageValues start, Index weights, std::size_t layers, const StageValues& support, double rate,
               bool ternary);
  void weights(StageValues& to) const override;
  void step(StageValues& gradient, double factor) override;

private:
  StageValues values_;
  const StageValues& support_;
  Index weights_, layers_;
  bool ternary_;
  AdamRule<float> rule_;
};

/// Stage 2: weights lambda sign V on the support.
class OneBitStage final : public Stage {
public:
  static constexpr float largest_latent = 1.5f;

  /// `start`: V and theta; `weights`: how many of them are V. `support` must outlive it.
  OneBitStage(StageValues start, float scale, Index weights, const StageValues& support,
              const UnrollingOptions& options);
  void weights(StageValues& to) const override;
  void step(StageValues& gradient, double factor) override;
  const StageValues& values() const { return values_; }
  float scale() const { return scale_; }

private:
  Index thresholds() const { return values_.size() - weights_; }

  StageValues values_;
  float scale_;
  const StageValues& support_;
  Index weights_;
  bool scale_trained_;
  AdamRule<float> latent_rule_, scale_rule_;
  std::optional<AdamRule<float>> theta_rule_;
};

} // namespace raphson::optim::tools
