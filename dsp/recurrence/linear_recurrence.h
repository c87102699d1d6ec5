// Linear recurrences, evaluated in order:
//   y[n] = a[n] y[n-1] + b[n],  y[-1] = initial.
// The state y is a scalar S (first order, a a scalar) or a SmallVector<S, K> (state space, a a SmallMatrix);
// a is a span, or a single value where it is constant. parallel_scan.h evaluates the same in parallel.
//
// Reverse mode, bars for the derivatives of a loss: b -> y is a linear map whose transpose is again a
// recurrence, backwards in time,
//   b_bar[n] = y_bar[n] + a[n+1]^T b_bar[n+1],
// and then a_bar[n] = b_bar[n] y[n-1]^T, initial_bar = a[0]^T b_bar[0].
//
// Spans are all of one length; y may be b's storage, and b_bar that of y_bar.
#pragma once

#include "dsp/recurrence/small_matrix.h"

#include <cstddef>
#include <span>
#include <type_traits>

namespace raphson::dsp {

template <class V> struct TransitionOf { using Type = V; };
template <class S, int K> struct TransitionOf<SmallVector<S, K>> { using Type = SmallMatrix<S, K>; };

/// What multiplies a state.
template <class V> using Transition = typename TransitionOf<V>::Type;

namespace detail {

// Spans of a type that is deduced from another argument, so that vectors convert.
template <class T> using In = std::type_identity_t<std::span<const T>>;
template <class T> using Out = std::type_identity_t<std::span<T>>;

template <class M> struct ConstantTransition {
  M a;
  const M& operator[](std::size_t) const { return a; }
};

template <class S> const S& transposed(const S& a) { return a; }
template <class S, int K> SmallMatrix<S, K> transposed(const SmallMatrix<S, K>& a) { return transpose(a); }
template <class S> S outer_product(const S& a, const S& b) { return a * b; }
template <class S, int K>
SmallMatrix<S, K> outer_product(const SmallVector<S, K>& a, const SmallVector<S, K>& b) {
  return outer(a, b);
}

/// state <- a(n) state + b(n), write(n, state) for n = 0 ... count - 1; returns the last state.
struct InOrder {
  template <class V, class A, class B, class Write>
  V operator()(std::size_t count, A a, B b, V state, Write write) const {
    for (std::size_t n = 0; n < count; ++n) {
      state = a(n) * state + b(n);
      write(n, state);
    }
    return state;
  }
};

template <class V, class A, class Evaluate>
void forward(const A& a, std::span<const V> b, const V& initial, std::span<V> y, const Evaluate& evaluate) {
  evaluate(
      b.size(), [&](std::size_t n) { return a[n]; }, [&](std::size_t n) { return b[n]; }, initial,
      [&](std::size_t n, const V& state) { y[n] = state; });
}

/// The recurrence of the adjoint, index 0 the last but one sample: the last has no transition behind it.
template <class V, class A, class Evaluate>
V adjoint(const A& a, std::span<const V> y_bar, const V& final_bar, std::span<V> b_bar,
          const Evaluate& evaluate) {
  if (y_bar.empty()) return final_bar;
  const std::size_t last = y_bar.size() - 1;
  b_bar[last] = y_bar[last] + final_bar;
  const V first = evaluate(
      last, [&](std::size_t i) { return transposed(a[last - i]); },
      [&](std::size_t i) { return y_bar[last - 1 - i]; }, b_bar[last],
      [&](std::size_t i, const V& state) { b_bar[last - 1 - i] = state; });
  return transposed(a[0]) * first;
}

} // namespace detail

template <class V>
void linear_recurrence(detail::In<Transition<V>> a, detail::In<V> b, V initial, detail::Out<V> y) {
  detail::forward<V>(a, b, initial, y, detail::InOrder{});
}

/// Constant a.
template <class V>
void linear_recurrence(const Transition<V>& a, detail::In<V> b, V initial, detail::Out<V> y) {
  detail::forward<V>(detail::ConstantTransition<Transition<V>>{a}, b, initial, y, detail::InOrder{});
}

/// final_bar is the derivative with respect to y of the last sample that comes from elsewhere than y_bar,
/// such as from the block that follows; returns initial_bar, which is final_bar for the block before.
template <class V>
V linear_recurrence_adjoint(detail::In<Transition<V>> a, detail::In<V> y_bar, V final_bar,
                            detail::Out<V> b_bar) {
  return detail::adjoint<V>(a, y_bar, final_bar, b_bar, detail::InOrder{});
}

/// Constant a.
template <class V>
V linear_recurrence_adjoint(const Transition<V>& a, detail::In<V> y_bar, V final_bar, detail::Out<V> b_bar) {
  return detail::adjoint<V>(detail::ConstantTransition<Transition<V>>{a}, y_bar, final_bar, b_bar,
                            detail::InOrder{});
}

/// a_bar from the recurrence's y and initial and the adjoint's b_bar. For a constant a its derivative is
/// their sum.
template <class V>
void linear_recurrence_coefficient_adjoint(detail::In<V> y, V initial, detail::In<V> b_bar,
                                           detail::Out<Transition<V>> a_bar) {
  for (std::size_t n = 0; n < y.size(); ++n)
    a_bar[n] = detail::outer_product(b_bar[n], n == 0 ? initial : y[n - 1]);
}

} // namespace raphson::dsp
