// Jet<T, N, Order>: a value with its gradient and, for Order 2, its Hessian with respect to N parameters,
// carried forward through any formula written on a template scalar (forward-mode automatic differentiation).
//
//   f(a):    v = f(a.v)    g_i = f' a_i    h_ij = f' a_ij + f'' a_i a_j
//   f(a,b):  likewise with both arguments' first and second partial derivatives
//
// T is float, double or Lanes (one chunk of audio a lane). The Hessian is packed, lower triangle by rows:
// h(i, j) with j <= i lies at i (i + 1) / 2 + j. Comparisons look at values alone; select() picks whole jets,
// so that a formula with branches has the derivative of the branch taken.
#pragma once

#include "dsp/math/elementary.h"

#include <array>

namespace raphson::optim {

namespace math = dsp::math;

constexpr int packed_size(int n) { return n * (n + 1) / 2; }
constexpr int packed_index(int i, int j) { return i >= j ? i * (i + 1) / 2 + j : j * (j + 1) / 2 + i; }

template <class T, int N, int Order = 2> struct Jet {
  static_assert(Order == 1 || Order == 2);
  static constexpr int size = N, order = Order, hessian_size = Order == 2 ? packed_size(N) : 0;

  T v;
  std::array<T, N> g;
  [[no_unique_address]] std::array<T, hessian_size> h;

  Jet() : Jet(T(0)) {}
  RAPHSON_INLINE Jet(T value) : v(value) {
    g.fill(T(0));
    if constexpr (Order == 2) h.fill(T(0));
  }
  RAPHSON_INLINE Jet(double value) requires(!std::same_as<T, double>)
      : Jet(T(static_cast<typename math::detail::ScalarTraits<T>::Value>(value))) {}

  /// The i-th parameter itself: gradient e_i.
  static Jet variable(T value, int i) {
    Jet a(value);
    a.g[i] = T(1);
    return a;
  }

  T hessian(int i, int j) const { return h[packed_index(i, j)]; }

  /// f(a) from its value and derivatives at a.v.
  friend RAPHSON_INLINE Jet unary(const Jet& a, T f, T f1, T f2) {
    Jet r(f);
    for (int i = 0; i < N; ++i) r.g[i] = f1 * a.g[i];
    if constexpr (Order == 2)
      for (int i = 0, k = 0; i < N; ++i) {
        const T f2_ai = f2 * a.g[i];
        for (int j = 0; j <= i; ++j, ++k) r.h[k] = f1 * a.h[k] + f2_ai * a.g[j];
      }
    return r;
  }

  Jet& operator+=(const Jet& b) { return *this = *this + b; }
  Jet& operator-=(const Jet& b) { return *this = *this - b; }
  Jet& operator*=(const Jet& b) { return *this = *this * b; }
  Jet& operator/=(const Jet& b) { return *this = *this / b; }

  friend RAPHSON_INLINE Jet operator+(const Jet& a, const Jet& b) {
    Jet r(a.v + b.v);
    for (int i = 0; i < N; ++i) r.g[i] = a.g[i] + b.g[i];
    if constexpr (Order == 2)
      for (int k = 0; k < hessian_size; ++k) r.h[k] = a.h[k] + b.h[k];
    return r;
  }
  friend RAPHSON_INLINE Jet operator-(const Jet& a, const Jet& b) {
    Jet r(a.v - b.v);
    for (int i = 0; i < N; ++i) r.g[i] = a.g[i] - b.g[i];
    if constexpr (Order == 2)
      for (int k = 0; k < hessian_size; ++k) r.h[k] = a.h[k] - b.h[k];
    return r;
  }
  friend RAPHSON_INLINE Jet operator-(const Jet& a) { return unary(a, -a.v, T(-1), T(0)); }
  friend RAPHSON_INLINE Jet operator*(const Jet& a, const Jet& b) {
    Jet r(a.v * b.v);
    for (int i = 0; i < N; ++i) r.g[i] = a.g[i] * b.v + a.v * b.g[i];
    if constexpr (Order == 2)
      for (int i = 0, k = 0; i < N; ++i)
        for (int j = 0; j <= i; ++j, ++k)
          r.h[k] = a.h[k] * b.v + a.v * b.h[k] + a.g[i] * b.g[j] + a.g[j] * b.g[i];
    return r;
  }
  friend RAPHSON_INLINE Jet operator/(const Jet& a, const Jet& b) {
    const T inverse = T(1) / b.v;
    return a * unary(b, inverse, -inverse * inverse, T(2) * inverse * inverse * inverse);
  }

  friend RAPHSON_INLINE auto operator<(const Jet& a, const Jet& b) { return a.v < b.v; }
  friend RAPHSON_INLINE auto operator>(const Jet& a, const Jet& b) { return a.v > b.v; }
  friend RAPHSON_INLINE auto operator<=(const Jet& a, const Jet& b) { return a.v <= b.v; }
  friend RAPHSON_INLINE auto operator>=(const Jet& a, const Jet& b) { return a.v >= b.v; }

  template <class Mask> friend RAPHSON_INLINE Jet select(const Mask& m, const Jet& a, const Jet& b) {
    using math::select;
    Jet r(select(m, a.v, b.v));
    for (int i = 0; i < N; ++i) r.g[i] = select(m, a.g[i], b.g[i]);
    if constexpr (Order == 2)
      for (int k = 0; k < hessian_size; ++k) r.h[k] = select(m, a.h[k], b.h[k]);
    return r;
  }
  friend RAPHSON_INLINE Jet min(const Jet& a, const Jet& b) { return select(a < b, a, b); }
  friend RAPHSON_INLINE Jet max(const Jet& a, const Jet& b) { return select(a > b, a, b); }
  friend RAPHSON_INLINE Jet abs(const Jet& a) { return select(a.v < T(0), -a, a); }

  friend RAPHSON_INLINE Jet exp(const Jet& a) {
    using math::exp;
    const T e = exp(a.v);
    return unary(a, e, e, e);
  }
  friend RAPHSON_INLINE Jet log(const Jet& a) {
    using math::log;
    const T inverse = T(1) / a.v;
    return unary(a, log(a.v), inverse, -inverse * inverse);
  }
  friend RAPHSON_INLINE Jet sqrt(const Jet& a) {
    using math::sqrt;
    const T root = sqrt(a.v), f1 = T(0.5) / root;
    return unary(a, root, f1, T(-0.5) * f1 / a.v);
  }
  friend RAPHSON_INLINE Jet sin(const Jet& a) {
    using math::cos, math::sin;
    const T s = sin(a.v);
    return unary(a, s, cos(a.v), -s);
  }
  friend RAPHSON_INLINE Jet cos(const Jet& a) {
    using math::cos, math::sin;
    const T c = cos(a.v);
    return unary(a, c, -sin(a.v), -c);
  }
  friend RAPHSON_INLINE Jet tan(const Jet& a) {
    using math::tan;
    const T t = tan(a.v), f1 = T(1) + t * t;
    return unary(a, t, f1, T(2) * t * f1);
  }
  friend RAPHSON_INLINE Jet tanh(const Jet& a) {
    using math::tanh;
    const T t = tanh(a.v), f1 = T(1) - t * t;
    return unary(a, t, f1, T(-2) * t * f1);
  }
  /// a^p for a constant p and a > 0.
  friend RAPHSON_INLINE Jet pow(const Jet& a, double p) {
    using math::pow;
    const T f = pow(a.v, p), f1 = T(p) * f / a.v;
    return unary(a, f, f1, T(p - 1) * f1 / a.v);
  }
};

} // namespace raphson::optim
