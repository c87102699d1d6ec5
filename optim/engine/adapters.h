// Objectives made of others. Each keeps a reference to the objective it wraps, which must outlive it.
#pragma once

#include "optim/engine/objective.h"

namespace raphson::optim {

// Residuals r and Jacobian J -> f = 1/2 |r|^2, gradient J^T r, Gauss-Newton matrix J^T J. The value is taken
// from the objective's own value() where it has one, else it costs a Jacobian.
template <HasResiduals F> class GaussNewtonFromResiduals {
public:
  explicit GaussNewtonFromResiduals(const F& objective) : f_(objective) {}

  double value(const Vector& x) const {
    if constexpr (HasValue<F>) {
      return f_.value(x);
    } else {
      Vector r;
      Matrix j;
      f_.residuals_and_jacobian(x, r, j);
      return 0.5 * r.squaredNorm();
    }
  }
  double value_and_gradient(const Vector& x, Vector& gradient) const {
    Vector r;
    Matrix j;
    f_.residuals_and_jacobian(x, r, j);
    gradient.noalias() = j.transpose() * r;
    return 0.5 * r.squaredNorm();
  }
  double value_gradient_and_gauss_newton(const Vector& x, Vector& gradient, Matrix& jtj) const {
    Vector r;
    Matrix j;
    f_.residuals_and_jacobian(x, r, j);
    gradient.noalias() = j.transpose() * r;
    jtj.noalias() = j.transpose() * j;
    return 0.5 * r.squaredNorm();
  }

private:
  const F& f_;
};

// A dense Hessian out of n Hessian-vector products, symmetrised.
template <class F>
requires HasGradient<F> && HasHessianProduct<F>
class HessianFromProducts {
public:
  explicit HessianFromProducts(const F& objective) : f_(objective) {}

  double value(const Vector& x) const requires HasValue<F> { return f_.value(x); }
  double value_and_gradient(const Vector& x, Vector& gradient) const {
    return f_.value_and_gradient(x, gradient);
  }
  Vector hessian_product(const Vector& x, const Vector& v) const { return f_.hessian_product(x, v); }
  double value_gradient_and_hessian(const Vector& x, Vector& gradient, Matrix& hessian) const {
    const auto n = x.size();
    Matrix columns(n, n);
    for (Eigen::Index i = 0; i < n; ++i) columns.col(i) = f_.hessian_product(x, Vector::Unit(n, i));
    hessian = 0.5 * (columns + columns.transpose());
    return f_.value_and_gradient(x, gradient);
  }

private:
  const F& f_;
};

} // namespace raphson::optim
