// An objective behind function pointers, so that a solver is compiled once and not once an objective. Counts
// its evaluations for the Result. Keeps a reference to the objective, which must outlive it. Calls of what
// the objective does not have throw std::bad_function_call; the solvers' concepts rule that out.
#pragma once

#include "optim/engine/objective.h"

namespace raphson::optim {

class ErasedObjective {
public:
  template <class F>
  requires(!std::same_as<F, ErasedObjective>) explicit ErasedObjective(const F& f) {
    if constexpr (HasValue<F>) value_ = [&f](const Vector& x) -> double { return f.value(x); };
    if constexpr (HasGradient<F>)
      gradient_ = [&f](const Vector& x, Vector& g) -> double { return f.value_and_gradient(x, g); };
    if constexpr (HasHessian<F>)
      hessian_ = [&f](const Vector& x, Vector& g, Matrix& h) -> double {
        return f.value_gradient_and_hessian(x, g, h);
      };
    if constexpr (HasGaussNewton<F>)
      gauss_newton_ = [&f](const Vector& x, Vector& g, Matrix& jtj) -> double {
        return f.value_gradient_and_gauss_newton(x, g, jtj);
      };
    if constexpr (HasHessianProduct<F>)
      product_ = [&f](const Vector& x, const Vector& v) -> Vector { return f.hessian_product(x, v); };
    if constexpr (HasMinibatch<F>) {
      size_ = f.size();
      minibatch_ = [&f](const Vector& x, std::span<const std::size_t> examples, Vector& g) -> double {
        return f.value_and_gradient(x, examples, g);
      };
    }
  }

  const Evaluations& evaluations() const { return count_; }
  bool has_gradient() const { return gradient_ != nullptr; }
  bool has_minibatch() const { return minibatch_ != nullptr; }
  std::size_t size() const { return size_; }

  double value(const Vector& x) const {
    ++count_.value;
    return value_(x);
  }
  double value_and_gradient(const Vector& x, Vector& g) const {
    ++count_.gradient;
    return gradient_(x, g);
  }
  double value_gradient_and_hessian(const Vector& x, Vector& g, Matrix& h) const {
    ++count_.hessian;
    return hessian_(x, g, h);
  }
  double value_gradient_and_gauss_newton(const Vector& x, Vector& g, Matrix& jtj) const {
    ++count_.hessian;
    return gauss_newton_(x, g, jtj);
  }
  Vector hessian_product(const Vector& x, const Vector& v) const {
    ++count_.hessian_product;
    return product_(x, v);
  }
  double minibatch(const Vector& x, std::span<const std::size_t> examples, Vector& g) const {
    ++count_.minibatch;
    return minibatch_(x, examples, g);
  }

private:
  std::function<double(const Vector&)> value_;
  std::function<double(const Vector&, Vector&)> gradient_;
  std::function<double(const Vector&, Vector&, Matrix&)> hessian_;
  std::function<double(const Vector&, Vector&, Matrix&)> gauss_newton_;
  std::function<Vector(const Vector&, const Vector&)> product_;
  std::function<double(const Vector&, std::span<const std::size_t>, Vector&)> minibatch_;
  std::size_t size_ = 0;
  mutable Evaluations count_;
};

} // namespace raphson::optim
