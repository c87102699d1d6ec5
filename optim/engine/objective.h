// What an objective offers, as concepts; each solver names the ones it uses. All calls are on a const object,
// a function of x alone, and may come in any order. Outputs are resized by the objective: gradient n, Hessian
// and J^T J n x n (both triangles filled), residuals m, Jacobian m x n. A point where the objective cannot be
// evaluated returns NaN or infinity: line searches then try a shorter step.
//
//   struct Parabola {
//     double value(const Vector& x) const { return x.squaredNorm(); }
//     double value_and_gradient(const Vector& x, Vector& gradient) const {
//       gradient = 2 * x;
//       return value(x);
//     }
//   };
#pragma once

#include "optim/engine/types.h"

#include <concepts>
#include <cstddef>
#include <span>

namespace raphson::optim {

template <class F>
concept HasValue = requires(const F& f, const Vector& x) {
  { f.value(x) } -> std::convertible_to<double>;
};

template <class F>
concept HasGradient = requires(const F& f, const Vector& x, Vector& gradient) {
  { f.value_and_gradient(x, gradient) } -> std::convertible_to<double>;
};

template <class F>
concept HasHessian = requires(const F& f, const Vector& x, Vector& gradient, Matrix& hessian) {
  { f.value_gradient_and_hessian(x, gradient, hessian) } -> std::convertible_to<double>;
};

template <class F>
concept HasHessianProduct = requires(const F& f, const Vector& x, const Vector& v) {
  { f.hessian_product(x, v) } -> std::convertible_to<Vector>;
};

// For f = 1/2 |r|^2: the gradient J^T r and J^T J, summed up as the residuals stream by.
template <class F>
concept HasGaussNewton = requires(const F& f, const Vector& x, Vector& gradient, Matrix& jtj) {
  { f.value_gradient_and_gauss_newton(x, gradient, jtj) } -> std::convertible_to<double>;
};

// For f = 1/2 |r|^2, with the residuals kept.
template <class F>
concept HasResiduals = requires(const F& f, const Vector& x, Vector& residuals, Matrix& jacobian) {
  f.residuals_and_jacobian(x, residuals, jacobian);
};

// A mean over size() examples: value and gradient are the means over those listed.
template <class F>
concept HasMinibatch = requires(const F& f, const Vector& x, std::span<const std::size_t> examples,
                                Vector& gradient) {
  { f.size() } -> std::convertible_to<std::size_t>;
  { f.value_and_gradient(x, examples, gradient) } -> std::convertible_to<double>;
};

// The Hessian of the mean over those listed, times v.
template <class F>
concept HasMinibatchHessianProduct = HasMinibatch<F> && requires(const F& f, const Vector& x,
                                                                 std::span<const std::size_t> examples,
                                                                 const Vector& v) {
  { f.hessian_product(x, examples, v) } -> std::convertible_to<Vector>;
};

} // namespace raphson::optim
