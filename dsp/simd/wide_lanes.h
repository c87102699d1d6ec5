// Doubles beside floats: as many of them as a register of floats has lanes take two registers.
#pragma once

#include "dsp/simd/lanes.h"

#include <utility>

namespace raphson::dsp {

/// N doubles as two halves of N/2. What a double precision part of a single precision loop needs, no more.
template <int N, Isa isa> struct WideLanes {
  using Half = Lanes<double, N / 2, isa>;
  Half low, high;

  WideLanes() = default;
  RAPHSON_INLINE WideLanes(Half a, Half b) : low(a), high(b) {}
  RAPHSON_INLINE WideLanes(double value) : low(value), high(value) {}

  RAPHSON_INLINE double operator[](int lane) const { return lane < N / 2 ? low[lane] : high[lane - N / 2]; }
  RAPHSON_INLINE void set(int lane, double value) {
    if (lane < N / 2)
      low.set(lane, value);
    else
      high.set(lane - N / 2, value);
  }
  RAPHSON_INLINE WideLanes& operator+=(WideLanes b) { return *this = *this + b; }

  friend RAPHSON_INLINE WideLanes operator+(WideLanes a, WideLanes b) {
    return {a.low + b.low, a.high + b.high};
  }
  friend RAPHSON_INLINE WideLanes operator-(WideLanes a, WideLanes b) {
    return {a.low - b.low, a.high - b.high};
  }
  friend RAPHSON_INLINE WideLanes operator*(WideLanes a, WideLanes b) {
    return {a.low * b.low, a.high * b.high};
  }
  friend RAPHSON_INLINE WideLanes min(WideLanes a, WideLanes b) {
    return {min(a.low, b.low), min(a.high, b.high)};
  }
  friend RAPHSON_INLINE WideLanes max(WideLanes a, WideLanes b) {
    return {max(a.low, b.low), max(a.high, b.high)};
  }
};

template <int N, Isa isa> RAPHSON_INLINE double sum(WideLanes<N, isa> a) { return sum(a.low) + sum(a.high); }

namespace detail {

template <int offset, class V, int... i> RAPHSON_INLINE auto half_of(V v, std::integer_sequence<int, i...>) {
  return __builtin_shufflevector(v, v, (offset + i)...);
}
template <class V, int... i> RAPHSON_INLINE auto joined(V low, V high, std::integer_sequence<int, i...>) {
  return __builtin_shufflevector(low, high, i...);
}

} // namespace detail

template <int N, Isa isa> RAPHSON_INLINE WideLanes<N, isa> widen(Lanes<float, N, isa> a) {
  using Half = Lanes<double, N / 2, isa>;
  using Indices = std::make_integer_sequence<int, N / 2>;
  return {Half(__builtin_convertvector(detail::half_of<0>(a.v, Indices{}), typename Half::Vector)),
          Half(__builtin_convertvector(detail::half_of<N / 2>(a.v, Indices{}), typename Half::Vector))};
}

template <int N, Isa isa> RAPHSON_INLINE Lanes<float, N, isa> narrow(WideLanes<N, isa> a) {
  using Half = typename Lanes<float, N / 2, isa>::Vector;
  return Lanes<float, N, isa>(detail::joined(__builtin_convertvector(a.low.v, Half),
                                             __builtin_convertvector(a.high.v, Half),
                                             std::make_integer_sequence<int, N>{}));
}

} // namespace raphson::dsp
