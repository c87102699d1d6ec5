// AdaGrad and RMSProp: steps over the root of the squared gradients' sum, or of their running mean,
//   AdaGrad  s <- s + g^2                      RMSProp  s <- decay s + (1 - decay) g^2
//   x <- x - a g / (sqrt(s) + epsilon).
// J. Duchi, E. Hazan & Y. Singer, JMLR 12 (2011); T. Tieleman & G. Hinton, lecture 6.5 of Coursera's "Neural
// networks for machine learning" (2012), whose mean starts at zero without a correction.
#pragma once

#include "optim/engine/update_rule.h"

namespace raphson::optim {

struct AdaGradSettings {
  double learning_rate = 0.01; // a
  double epsilon = 1e-8;
};

struct RmsPropSettings {
  double learning_rate = 1e-3; // a
  double decay = 0.9;
  double epsilon = 1e-8;
};

/// Both: s <- keep s + take g^2.
template <class Scalar> class SquareRootRule final : public UpdateRule<Scalar> {
public:
  SquareRootRule(const ParameterBlocks& blocks, const AdaGradSettings& settings);
  SquareRootRule(const ParameterBlocks& blocks, const RmsPropSettings& settings);
  void step(std::span<const Scalar> gradient, std::span<Scalar> parameters, double factor = 1) override;
  std::vector<StateArray> state() override { return {{"squares", detail::span_of(squares_)}}; }

private:
  double learning_rate_;
  Scalar keep_, take_, epsilon_;
  detail::Array<Scalar> squares_;
};

} // namespace raphson::optim
