// Stochastic gradient descent, with momentum (B. Polyak, 1964) or Nesterov's (1983):
//   v <- momentum v + (g + l2 x),   x <- x - a v,   or with nesterov   x <- x - a (g + l2 x + momentum v).
// The velocity is a sum, not a mean: a constant gradient ends in steps of a g / (1 - momentum).
#pragma once

#include "optim/engine/update_rule.h"

namespace raphson::optim {

struct SgdSettings {
  double learning_rate = 0.01; // a
  double momentum = 0;
  bool nesterov = false;
  double l2 = 0; // times x, added to the gradient
};

template <class Scalar> class SgdRule final : public UpdateRule<Scalar> {
public:
  SgdRule(const ParameterBlocks& blocks, const SgdSettings& settings);
  void step(std::span<const Scalar> gradient, std::span<Scalar> parameters, double factor = 1) override;
  std::vector<StateArray> state() override { return {{"velocity", detail::span_of(velocity_)}}; }

private:
  SgdSettings settings_;
  Eigen::Index parameters_;
  detail::Array<Scalar> velocity_; // empty without momentum
};

} // namespace raphson::optim
