// M-FAC as a solver: gradient descent preconditioned by the inverse empirical Fisher matrix of the latest
// minibatch gradients, exactly and without a matrix of the parameters' size (inverse_fisher.h). In step t
//   g = gradient + l2 w;  push g into the window first;  u = F^-1 g;
//   p <- momentum p + (1 - momentum) u;   w <- w - a p.
// With one gradient and lambda -> 0 the step is a g / |g|^2: the learning rate counts in units of the loss,
// and lambda is to be compared with |g|^2 / m. State: m + 1 vectors of the parameters' length, in double. E.
// Frantar, E. Kurtic & D. Alistarh, NeurIPS 2021, arXiv 2107.03356.
#pragma once

#include "optim/engine/inverse_fisher.h"
#include "optim/engine/update_rule.h"

namespace raphson::optim {

struct MFacSettings {
  double learning_rate = 1e-3;
  int window = 64; // m
  double lambda = 1e-5;
  double momentum = 0.9;
  double l2 = 0; // times w, added to the gradient
};

template <class Scalar> class MFacRule final : public UpdateRule<Scalar> {
public:
  MFacRule(const ParameterBlocks& blocks, const MFacSettings& settings);
  void step(std::span<const Scalar> gradient, std::span<Scalar> parameters, double factor = 1) override;
  std::vector<StateArray> state() override;

  const SlidingInverseFisher& inverse_fisher() const { return inverse_; }

private:
  MFacSettings settings_;
  SlidingInverseFisher inverse_;
  Vector gradient_, direction_, momentum_;
};

} // namespace raphson::optim
