// Objectives whose gradient leads to flat minima, for any first-order solver:
//
//   minimise(regularised(objective, {.gamma = 1, .epsilon = 1}), start, FirstOrderOptions{...});
//
// Gradient regularisation descends on L + gamma/2 |grad L|^2 by the direction g + gamma dR, where dR = H g or
// its finite difference along the gradient, not normalised:
//   forward           dR = (g(x + epsilon g) - g) / epsilon          also (1 - gamma/epsilon) g +
//   (gamma/epsilon) g(x + epsilon g) backward          dR = (g - g(x - epsilon g)) / epsilon double_backprop
//   dR = H g, by the objective's Hessian-vector product: the limit of both
// with the same examples in every evaluation of a step. An epsilon of the order of gamma generalises better
// than a small one: the difference is the point. gamma = epsilon is sharpness-aware minimisation without its
// normalisation. R. Karakida, T. Takase, T. Hayase & K. Osawa, "Understanding gradient regularization in deep
// learning", ICML 2023.
//
// Sharpness-aware minimisation takes the gradient at x + rho g / |g| (P. Foret et al., ICLR 2021); flooding
// turns the gradient round where the loss is below a level (T. Ishida et al., ICML 2020).
//
// Gradient restriction descends on L + alpha sum_j |g_j|, g_j the gradient of each parameter block, by
//   g + alpha H v,   v_j = g_j / |g_j|, 0 where |g_j| < 1e-12,
// which keeps single examples from pulling hard (J. Liu et al., arXiv 2507.23257).
//
// Values are those of L alone, so that losses compare. Wrappers keep a reference to the objective.
#pragma once

#include "dsp/error.h"
#include "optim/engine/objective.h"
#include "optim/engine/update_rule.h"

#include <cmath>

namespace raphson::optim {

enum class GradientDifference { forward, backward, double_backprop };

struct GradientRegularisation {
  double gamma = 1;   // 0: none; scales with 1 / curvature
  double epsilon = 1; // of the differences
  GradientDifference mode = GradientDifference::forward;
};

/// Throws InputError unless gamma >= 0 and, for the differences, epsilon > 0.
void check(const GradientRegularisation& options);

namespace detail {

/// Calls Derived::change(value, x, gradient, gradient_at, product) after each gradient of the objective, on
/// all of it or on a minibatch: gradient_at(x, g) evaluates another on the same examples.
template <class F, class Derived> class ChangedGradient {
public:
  explicit ChangedGradient(const F& objective) : f_(objective) {}

  double value(const Vector& x) const requires HasValue<F> { return f_.value(x); }
  double value_and_gradient(const Vector& x, Vector& gradient) const requires HasGradient<F> {
    const double value = f_.value_and_gradient(x, gradient);
    const auto at = [this](const Vector& y, Vector& g) { return f_.value_and_gradient(y, g); };
    const auto product = [this](const Vector& y, const Vector& v) -> Vector {
      if constexpr (HasHessianProduct<F>)
        return f_.hessian_product(y, v);
      else
        throw no_product();
    };
    derived().change(value, x, gradient, at, product);
    return value;
  }

  std::size_t size() const requires HasMinibatch<F> { return f_.size(); }
  double value_and_gradient(const Vector& x, std::span<const std::size_t> examples,
                            Vector& gradient) const requires HasMinibatch<F> {
    const double value = f_.value_and_gradient(x, examples, gradient);
    const auto at = [&](const Vector& y, Vector& g) { return f_.value_and_gradient(y, examples, g); };
    const auto product = [&](const Vector& y, const Vector& v) -> Vector {
      if constexpr (HasMinibatchHessianProduct<F>)
        return f_.hessian_product(y, examples, v);
      else
        throw no_product();
    };
    derived().change(value, x, gradient, at, product);
    return value;
  }

private:
  static InputError no_product() {
    return InputError(
        "gradient regularisation: double backpropagation needs Hessian-vector products, which this "
        "objective has not; use forward or backward differences");
  }
  const Derived& derived() const { return static_cast<const Derived&>(*this); }
  const F& f_;
};

} // namespace detail

template <class F> class GradientRegularised : public detail::ChangedGradient<F, GradientRegularised<F>> {
public:
  GradientRegularised(const F& objective, const GradientRegularisation& options)
      : detail::ChangedGradient<F, GradientRegularised<F>>(objective), o_(options) {
    check(options);
  }

  template <class At, class Product>
  void change(double, const Vector& x, Vector& g, const At& gradient_at, const Product& product) const {
    if (o_.gamma == 0) return;
    if (o_.mode == GradientDifference::double_backprop) {
      g += o_.gamma * product(x, g);
      return;
    }
    const double sign = o_.mode == GradientDifference::forward ? 1 : -1;
    Vector other;
    gradient_at(x + sign * o_.epsilon * g, other);
    g += (sign * o_.gamma / o_.epsilon) * (other - g);
  }

private:
  GradientRegularisation o_;
};

template <class F>
GradientRegularised<F> regularised(const F& objective, const GradientRegularisation& options) {
  return {objective, options};
}

template <class F> class SharpnessAware : public detail::ChangedGradient<F, SharpnessAware<F>> {
public:
  SharpnessAware(const F& objective, double rho)
      : detail::ChangedGradient<F, SharpnessAware<F>>(objective), rho_(rho) {
    if (!(rho >= 0)) throw InputError("sharpness-aware minimisation: rho must be at least 0");
  }

  template <class At, class Product>
  void change(double, const Vector& x, Vector& g, const At& gradient_at, const Product&) const {
    const double length = g.norm();
    if (rho_ == 0 || length == 0) return;
    const Vector ahead = x + (rho_ / length) * g;
    gradient_at(ahead, g);
  }

private:
  double rho_;
};

template <class F> SharpnessAware<F> sharpness_aware(const F& objective, double rho) {
  return {objective, rho};
}

template <class F> class GradientRestricted : public detail::ChangedGradient<F, GradientRestricted<F>> {
public:
  /// Throws InputError unless alpha >= 0.
  GradientRestricted(const F& objective, ParameterBlocks blocks, double alpha)
      : detail::ChangedGradient<F, GradientRestricted<F>>(objective), blocks_(std::move(blocks)),
        alpha_(alpha) {
    if (!(alpha >= 0)) throw InputError("gradient restriction: alpha must be at least 0");
  }

  template <class At, class Product>
  void change(double, const Vector& x, Vector& g, const At&, const Product& product) const {
    if (alpha_ == 0) return;
    Vector v = Vector::Zero(g.size());
    for (const ParameterBlock& block : blocks_) {
      const double length = g.segment(block.offset, block.size()).norm();
      if (length >= 1e-12)
        v.segment(block.offset, block.size()) = g.segment(block.offset, block.size()) / length;
    }
    g += alpha_ * product(x, v);
  }

private:
  ParameterBlocks blocks_;
  double alpha_;
};

template <class F>
GradientRestricted<F> gradient_restricted(const F& objective, ParameterBlocks blocks, double alpha) {
  return {objective, std::move(blocks), alpha};
}

template <class F> class Flooded : public detail::ChangedGradient<F, Flooded<F>> {
public:
  Flooded(const F& objective, double level)
      : detail::ChangedGradient<F, Flooded<F>>(objective), level_(level) {}

  template <class At, class Product>
  void change(double value, const Vector&, Vector& g, const At&, const Product&) const {
    if (value < level_) g = -g;
    if (value == level_) g.setZero();
  }

private:
  double level_;
};

template <class F> Flooded<F> flooded(const F& objective, double level) { return {objective, level}; }

} // namespace raphson::optim
