// AdaMax: Adam with the decayed maximum of the gradient's size in place of its root mean square,
//   m <- b1 m + (1 - b1) g,   u <- max(b2 u, |g|),   x <- x - (a / (1 - b1^t)) m / u.
// No epsilon and no correction of u, which is not biased: it is the limit of (the mean of |g|^p)^(1/p). No
// step is longer than a. A coordinate whose gradients have all been zero stays. D. P. Kingma & J. Ba, "Adam:
// a method for stochastic optimization", ICLR 2015, algorithm 2.
#pragma once

#include "optim/engine/adam_rule.h"

namespace raphson::optim {

struct AdaMaxSettings {
  double learning_rate = 2e-3; // the paper's alpha
  double beta1 = 0.9;
  double beta2 = 0.999;
  double beta1_decay = 1;     // lambda of the theory: beta1 lambda^(t - 1) in step t
  double decoupled_decay = 0; // times the learning rate and x, after the step
};

template <class Scalar> class AdaMaxRule final : public UpdateRule<Scalar> {
public:
  AdaMaxRule(const ParameterBlocks& blocks, const AdaMaxSettings& settings);
  void step(std::span<const Scalar> gradient, std::span<Scalar> parameters, double factor = 1) override;
  std::vector<StateArray> state() override;

private:
  AdamSettings settings_;
  detail::AdamClock clock_;
  detail::Array<Scalar> mean_, maximum_;
};

} // namespace raphson::optim
