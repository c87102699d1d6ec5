// An objective that counts its evaluations and offers exactly what the wrapped one does:
//
//   CountingObjective counted(objective);
//   minimise(counted, start, NewtonOptions{});
//   counted.evaluations().hessian;
//
// Keeps a reference to the objective, which must outlive it. Not for calls from several threads at once.
#pragma once

#include "optim/engine/objective.h"

namespace raphson::optim {

template <class F> class CountingObjective {
public:
  explicit CountingObjective(const F& objective) : f_(objective) {}

  const Evaluations& evaluations() const { return count_; }
  void reset() { count_ = {}; }

  double value(const Vector& x) const requires HasValue<F> {
    ++count_.value;
    return f_.value(x);
  }
  double value_and_gradient(const Vector& x, Vector& gradient) const requires HasGradient<F> {
    ++count_.gradient;
    return f_.value_and_gradient(x, gradient);
  }
  double value_gradient_and_hessian(const Vector& x, Vector& gradient,
                                    Matrix& hessian) const requires HasHessian<F> {
    ++count_.hessian;
    return f_.value_gradient_and_hessian(x, gradient, hessian);
  }
  Vector hessian_product(const Vector& x, const Vector& v) const requires HasHessianProduct<F> {
    ++count_.hessian_product;
    return f_.hessian_product(x, v);
  }
  double value_gradient_and_gauss_newton(const Vector& x, Vector& gradient,
                                         Matrix& jtj) const requires HasGaussNewton<F> {
    ++count_.hessian;
    return f_.value_gradient_and_gauss_newton(x, gradient, jtj);
  }
  void residuals_and_jacobian(const Vector& x, Vector& residuals,
                              Matrix& jacobian) const requires HasResiduals<F> {
    ++count_.hessian;
    f_.residuals_and_jacobian(x, residuals, jacobian);
  }
  Vector hessian_product(const Vector& x, std::span<const std::size_t> examples,
                         const Vector& v) const requires HasMinibatchHessianProduct<F> {
    ++count_.hessian_product;
    return f_.hessian_product(x, examples, v);
  }
  std::size_t size() const requires HasMinibatch<F> { return f_.size(); }
  double value_and_gradient(const Vector& x, std::span<const std::size_t> examples,
                            Vector& gradient) const requires HasMinibatch<F> {
    ++count_.minibatch;
    return f_.value_and_gradient(x, examples, gradient);
  }

private:
  const F& f_;
  mutable Evaluations count_;
};

} // namespace raphson::optim
