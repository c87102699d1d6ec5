// Elementwise operations of the tape. Two operands meet by numpy's rule: aligned at the last axis, an extent
// of 1 is spread. The formulas are in kernels/formulas.h.
#pragma once

#include "optim/autodiff/tape.h"

namespace raphson::optim {

template <class T> Var<T> operator+(Var<T> a, Var<T> b);
template <class T> Var<T> operator-(Var<T> a, Var<T> b);
template <class T> Var<T> operator*(Var<T> a, Var<T> b);
template <class T> Var<T> operator/(Var<T> a, Var<T> b);
/// Where both are equal the slope is a's.
template <class T> Var<T> minimum(Var<T> a, Var<T> b);
template <class T> Var<T> maximum(Var<T> a, Var<T> b);

template <class T> Var<T> exp(Var<T> x);
template <class T> Var<T> log(Var<T> x); ///< -infinity at 0, NaN below
template <class T> Var<T> sqrt(Var<T> x);
template <class T> Var<T> square(Var<T> x);
template <class T> Var<T> reciprocal(Var<T> x);
template <class T> Var<T> abs(Var<T> x); ///< slope 0 at 0
template <class T> Var<T> sin(Var<T> x);
template <class T> Var<T> cos(Var<T> x);
template <class T> Var<T> power(Var<T> x, std::type_identity_t<T> p); ///< x > 0

template <class T> Var<T> tanh(Var<T> x);
template <class T> Var<T> sigmoid(Var<T> x);
template <class T> Var<T> relu(Var<T> x); ///< slope 0 at 0
template <class T> Var<T> leaky_relu(Var<T> x, std::type_identity_t<T> slope_below);
template <class T> Var<T> softplus(Var<T> x); ///< log(1 + e^x)
template <class T> Var<T> silu(Var<T> x);     ///< x sigmoid(x)
template <class T> Var<T> gelu(Var<T> x);     ///< in its form with tanh

template <class T> Var<T> scale(Var<T> x, std::type_identity_t<T> factor);
template <class T> Var<T> shift(Var<T> x, std::type_identity_t<T> summand);

template <class T> Var<T> operator-(Var<T> x) { return scale(x, T(-1)); }
template <class T> Var<T> operator*(std::type_identity_t<T> a, Var<T> x) { return scale(x, a); }
template <class T> Var<T> operator*(Var<T> x, std::type_identity_t<T> a) { return scale(x, a); }
template <class T> Var<T> operator/(Var<T> x, std::type_identity_t<T> a) { return scale(x, T(1) / a); }
template <class T> Var<T> operator+(Var<T> x, std::type_identity_t<T> a) { return shift(x, a); }
template <class T> Var<T> operator-(Var<T> x, std::type_identity_t<T> a) { return shift(x, -a); }
template <class T> Var<T> operator-(std::type_identity_t<T> a, Var<T> x) { return shift(-x, a); }

} // namespace raphson::optim
