// Derivatives by central differences: (f(x + h) - f(x - h)) / 2h, error h^2 |f'''| / 6 + eps |f| / h.
//
// The step in coordinate i is c * max(1, |x_i|). Balancing truncation against rounding gives, for values of
// full double precision and derivatives of order one,
//   gradient from values         c = eps^(1/3) = 6.1e-6    relative error about 1e-10
//   Hessian from gradients       c = eps^(1/3)             relative error about 1e-10
//   Hessian from values alone    c = eps^(1/4) = 1.2e-4    relative error about 1e-7
// (Nocedal & Wright, Numerical Optimization, 2nd ed. 2006, section 8.1). Objectives with noise above eps want
// the larger step eps_f^(1/3) or eps_f^(1/4): give it as `step`. Costs 2n values, 2n gradients or 2n^2
// values.
#pragma once

#include "optim/engine/objective.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace raphson::optim {

inline const double finite_difference_step = std::cbrt(std::numeric_limits<double>::epsilon());
inline const double second_difference_step = std::sqrt(std::sqrt(std::numeric_limits<double>::epsilon()));

namespace detail {
inline double scaled_step(double x, double step) { return step * std::max(1.0, std::abs(x)); }
} // namespace detail

template <HasValue F>
Vector finite_difference_gradient(const F& f, const Vector& x, double step = finite_difference_step) {
  Vector gradient(x.size()), at = x;
  for (Eigen::Index i = 0; i < x.size(); ++i) {
    const double h = detail::scaled_step(x[i], step);
    const double above = x[i] + h, below = x[i] - h; // the distance as rounded, not 2h
    at[i] = above;
    const double value_above = f.value(at);
    at[i] = below;
    gradient[i] = (value_above - f.value(at)) / (above - below);
    at[i] = x[i];
  }
  return gradient;
}

// H v = (g(x + h v) - g(x - h v)) / 2h with h = step * max(1, |x|) / |v|.
template <HasGradient F>
Vector finite_difference_hessian_product(const F& f, const Vector& x, const Vector& v,
                                         double step = finite_difference_step) {
  const double length = v.norm();
  if (length == 0) return Vector::Zero(x.size());
  const double h = step * std::max(1.0, x.norm()) / length;
  Vector above, below;
  f.value_and_gradient(x + h * v, above);
  f.value_and_gradient(x - h * v, below);
  return (above - below) / (2 * h);
}

// From gradients, symmetrised.
template <HasGradient F>
Matrix finite_difference_hessian(const F& f, const Vector& x, double step = finite_difference_step) {
  const auto n = x.size();
  Matrix columns(n, n);
  Vector at = x, above, below;
  for (Eigen::Index i = 0; i < n; ++i) {
    const double h = detail::scaled_step(x[i], step);
    const double high = x[i] + h, low = x[i] - h;
    at[i] = high;
    f.value_and_gradient(at, above);
    at[i] = low;
    f.value_and_gradient(at, below);
    columns.col(i) = (above - below) / (high - low);
    at[i] = x[i];
  }
  return 0.5 * (columns + columns.transpose());
}

// From values: (f(++) - f(+-) - f(-+) + f(--)) / 4 h_i h_j, and (f(+) - 2 f + f(-)) / h_i^2 with twice the
// step on the diagonal, which is the same formula for j = i.
template <HasValue F>
Matrix second_difference_hessian(const F& f, const Vector& x, double step = second_difference_step) {
  const auto n = x.size();
  Matrix hessian(n, n);
  const auto shifted = [&](Eigen::Index i, double hi, Eigen::Index j, double hj) {
    Vector at = x;
    at[i] += hi;
    at[j] += hj;
    return f.value(at);
  };
  for (Eigen::Index i = 0; i < n; ++i)
    for (Eigen::Index j = 0; j <= i; ++j) {
      const double hi = detail::scaled_step(x[i], step), hj = detail::scaled_step(x[j], step);
      hessian(i, j) = hessian(j, i) =
          (shifted(i, hi, j, hj) - shifted(i, hi, j, -hj) - shifted(i, -hi, j, hj) + shifted(i, -hi, j, -hj))
          / (4 * hi * hj);
    }
  return hessian;
}

// Gives an objective that has a value a gradient by differences of values. Keeps a reference to it.
template <HasValue F> class WithFiniteDifferenceGradient {
public:
  explicit WithFiniteDifferenceGradient(const F& objective, double step = finite_difference_step)
      : f_(objective), step_(step) {}

  double value(const Vector& x) const { return f_.value(x); }
  double value_and_gradient(const Vector& x, Vector& gradient) const {
    gradient = finite_difference_gradient(f_, x, step_);
    return f_.value(x);
  }

private:
  const F& f_;
  double step_;
};

// Gives an objective with a gradient a Hessian and Hessian products by differences of gradients, and one with
// values alone a gradient and a Hessian by differences of values. Keeps a reference to it.
template <HasValue F> class WithFiniteDifferenceHessian {
public:
  explicit WithFiniteDifferenceHessian(const F& objective) : f_(objective) {}

  double value(const Vector& x) const { return f_.value(x); }
  double value_and_gradient(const Vector& x, Vector& gradient) const {
    if constexpr (HasGradient<F>) {
      return f_.value_and_gradient(x, gradient);
    } else {
      gradient = finite_difference_gradient(f_, x);
      return f_.value(x);
    }
  }
  double value_gradient_and_hessian(const Vector& x, Vector& gradient, Matrix& hessian) const {
    if constexpr (HasGradient<F>)
      hessian = finite_difference_hessian(f_, x);
    else
      hessian = second_difference_hessian(f_, x);
    return value_and_gradient(x, gradient);
  }
  Vector hessian_product(const Vector& x, const Vector& v) const requires HasGradient<F> {
    return finite_difference_hessian_product(f_, x, v);
  }

private:
  const F& f_;
};

} // namespace raphson::optim
