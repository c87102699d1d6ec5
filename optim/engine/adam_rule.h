// Adam's update by itself (adam.h has the solver): means of the gradient and of its square, corrected for
// their start at zero,
//   m <- b1 m + (1 - b1) g,  v <- b2 v + (1 - b2) g^2,
//   x <- x - a (m / (1 - b1^t)) / (sqrt(v / (1 - b2^t)) + epsilon),   then   x <- (1 - a decay) x.
// A coordinate whose gradients have all been zero stays, also with epsilon = 0.
// D. P. Kingma & J. Ba, "Adam: a method for stochastic optimization", ICLR 2015, algorithm 1; the decay that
// does not pass through the moments is that of I. Loshchilov & F. Hutter, ICLR 2019.
//
// The paper's proof that the regret is O(sqrt T) on convex losses has an error: S. Reddi, S. Kale & S. Kumar
// (ICLR 2018) give a convex loss on which Adam goes to the worst point.
#pragma once

#include "optim/engine/update_rule.h"

#include <cmath>
#include <limits>

namespace raphson::optim {

struct AdamSettings {
  double learning_rate = 1e-3; // the paper's alpha
  double beta1 = 0.9;
  double beta2 = 0.999;
  double epsilon = 1e-8;
  double beta1_decay = 1;      // lambda of the theory: beta1 lambda^(t - 1) in step t
  double decoupled_decay = 0;  // times the learning rate and x, after the step
  bool bias_correction = true; // false for the paper's experiment alone
};

namespace detail {

/// Denominators are kept above the root of the smallest number that is not denormal. Below it a square has
/// lost its digits or become zero, and 0/0 would be the step of a coordinate that has never had a gradient.
template <class Scalar> Scalar smallest_root() {
  static const Scalar root = std::sqrt(std::numeric_limits<Scalar>::min());
  return root;
}

/// What a step of Adam multiplies by, from the step count: shared by the rules that run Adam on something.
template <class Scalar> struct AdamConstants {
  Scalar beta1, rest1, beta2, rest2; // rest = 1 - beta
  Scalar correction1, correction2;   // 1 - beta^t
  Scalar epsilon;
};

class AdamClock {
public:
  /// The next step's. Powers are running products, in double.
  template <class Scalar> AdamConstants<Scalar> advance(const AdamSettings& o) {
    const double beta1 = o.beta1 * powers_[2];
    powers_[0] *= beta1;
    powers_[1] *= o.beta2;
    powers_[2] *= o.beta1_decay;
    const auto scalar = [](double value) { return static_cast<Scalar>(value); };
    return {scalar(beta1),
            scalar(1 - beta1),
            scalar(o.beta2),
            scalar(1 - o.beta2),
            scalar(o.bias_correction ? 1 - powers_[0] : 1),
            scalar(o.bias_correction ? 1 - powers_[1] : 1),
            scalar(o.epsilon)};
  }
  StateArray state() { return {"powers of beta", std::span<double>(powers_)}; }

private:
  double powers_[3] = {1, 1, 1}; // beta1^t, beta2^t, lambda^t
};

template <class Mean, class Gradient, class Scalar>
void update_mean(Mean&& mean, const Gradient& g, const AdamConstants<Scalar>& c) {
  mean = c.beta1 * mean + c.rest1 * g;
}

template <class Square, class Gradient, class Scalar>
void update_square(Square&& square, const Gradient& g, const AdamConstants<Scalar>& c) {
  square = c.beta2 * square + c.rest2 * g.square();
}

/// scale * the step of both moments, as an Eigen expression of arrays, which must outlive it. The corrections
/// are taken out of the loop (the end of the paper's section 2): one root and one division a coordinate.
template <class Mean, class Square, class Scalar>
auto adam_step(Scalar scale, const Mean& mean, const Square& square, const AdamConstants<Scalar>& c) {
  const Scalar root = std::sqrt(c.correction2);
  return (scale * root / c.correction1) * mean
         / (square.sqrt() + root * c.epsilon).max(root * smallest_root<Scalar>());
}

/// Adam on a stretch of the parameters, moments included.
template <class Scalar>
void adam_on_vector(Eigen::Map<const Array<Scalar>> gradient, Eigen::Map<Array<Scalar>> parameters,
                    Eigen::Map<Array<Scalar>> mean, Eigen::Map<Array<Scalar>> square,
                    const AdamConstants<Scalar>& constants, double rate, double decoupled_decay);

void check(const char* rule, const AdamSettings& settings);

} // namespace detail

template <class Scalar> class AdamRule final : public UpdateRule<Scalar> {
public:
  AdamRule(const ParameterBlocks& blocks, const AdamSettings& settings);
  void step(std::span<const Scalar> gradient, std::span<Scalar> parameters, double factor = 1) override;
  std::vector<StateArray> state() override;

private:
  AdamSettings settings_;
  detail::AdamClock clock_;
  detail::Array<Scalar> mean_, square_;
};

} // namespace raphson::optim
