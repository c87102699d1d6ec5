// Noisy gradient descent, the unadjusted Langevin algorithm:
//   x <- x - eta g + sqrt(2 eta) sigma xi,   xi ~ N(0, I),  a fresh one each step.
// In the limit of small steps it samples exp(-f / sigma^2). On f = lambda/2 |x|^2 its law settles at the
// variance sigma^2 / (lambda (1 - eta lambda / 2)), the fixed point of v <- (1 - eta lambda)^2 v + 2 eta
// sigma^2. G. Roberts & R. Tweedie, Bernoulli 2 (1996); as the learner of R. Chourasia & N. Shah, ICML 2023.
#pragma once

#include "optim/engine/random.h"
#include "optim/engine/update_rule.h"

namespace raphson::optim {

struct LangevinSettings {
  double learning_rate = 0.01; // eta
  double sigma = 1;            // 0: plain descent
  std::uint64_t seed = 0;      // of the stream "langevin"
};

template <class Scalar> class LangevinRule final : public UpdateRule<Scalar> {
public:
  LangevinRule(const ParameterBlocks& blocks, const LangevinSettings& settings);
  void step(std::span<const Scalar> gradient, std::span<Scalar> parameters, double factor = 1) override;
  std::vector<StateArray> state() override { return {{"stream", std::span<std::uint64_t>(noise_.state())}}; }
  bool is_random() const override { return settings_.sigma > 0; }

private:
  LangevinSettings settings_;
  Eigen::Index parameters_;
  RandomStream noise_;
};

} // namespace raphson::optim
