// Lanes<T, N, isa>: N values of float or double that move together, one chunk or channel a lane.
//
// Built on the compiler's vector extensions rather than a SIMD library: the formulas stay ordinary
// arithmetic, GCC and Clang lower them to SSE2, AVX2, AVX-512 or NEON, and the struct can be the scalar of
// any model. docs/performance.md holds the measurement against Highway that decided it.
//
// A comparison gives a mask (an integer vector, all bits set where true) for select(). The Isa is part of
// the type so that copies compiled for different instruction sets never share a symbol (dsp/simd/isa.h).
#pragma once

#include "dsp/simd/isa.h"

#include <cstdint>
#include <cstring>
#include <type_traits>

#define RAPHSON_INLINE __attribute__((always_inline)) inline

namespace raphson::dsp {

namespace detail {
template <class T, int bytes> struct VectorOf { typedef T Type __attribute__((vector_size(bytes))); };
} // namespace detail

template <class T, int N, Isa isa> struct Lanes {
  static_assert(sizeof(T) == 4 || sizeof(T) == 8);
  using Value = T;
  using Int = std::conditional_t<sizeof(T) == 4, std::int32_t, std::int64_t>;
  using Vector = typename detail::VectorOf<T, N * sizeof(T)>::Type;
  using Mask = typename detail::VectorOf<Int, N * sizeof(T)>::Type;
  static constexpr int count = N;

  Vector v;

  Lanes() = default;
  RAPHSON_INLINE Lanes(Vector vector) : v(vector) {}
  RAPHSON_INLINE Lanes(T value) : v(value - Vector{}) {}

  RAPHSON_INLINE T operator[](int lane) const { return v[lane]; }
  RAPHSON_INLINE void set(int lane, T value) { v[lane] = value; }

  static RAPHSON_INLINE Lanes load(const T* p) {
    Lanes a;
    std::memcpy(&a.v, p, sizeof(Vector));
    return a;
  }
  RAPHSON_INLINE void store(T* p) const { std::memcpy(p, &v, sizeof(Vector)); }

  RAPHSON_INLINE Lanes& operator+=(Lanes b) {
    v += b.v;
    return *this;
  }
  RAPHSON_INLINE Lanes& operator-=(Lanes b) {
    v -= b.v;
    return *this;
  }
  RAPHSON_INLINE Lanes& operator*=(Lanes b) {
    v *= b.v;
    return *this;
  }
  RAPHSON_INLINE Lanes& operator/=(Lanes b) {
    v /= b.v;
    return *this;
  }

  friend RAPHSON_INLINE Lanes operator+(Lanes a, Lanes b) { return a.v + b.v; }
  friend RAPHSON_INLINE Lanes operator-(Lanes a, Lanes b) { return a.v - b.v; }
  friend RAPHSON_INLINE Lanes operator*(Lanes a, Lanes b) { return a.v * b.v; }
  friend RAPHSON_INLINE Lanes operator/(Lanes a, Lanes b) { return a.v / b.v; }
  friend RAPHSON_INLINE Lanes operator-(Lanes a) { return -a.v; }
  friend RAPHSON_INLINE Mask operator<(Lanes a, Lanes b) { return a.v < b.v; }
  friend RAPHSON_INLINE Mask operator>(Lanes a, Lanes b) { return a.v > b.v; }
  friend RAPHSON_INLINE Mask operator<=(Lanes a, Lanes b) { return a.v <= b.v; }
  friend RAPHSON_INLINE Mask operator>=(Lanes a, Lanes b) { return a.v >= b.v; }

  friend RAPHSON_INLINE Lanes select(Mask m, Lanes a, Lanes b) { return m ? a.v : b.v; }
  friend RAPHSON_INLINE Lanes min(Lanes a, Lanes b) { return a.v < b.v ? a.v : b.v; }
  friend RAPHSON_INLINE Lanes max(Lanes a, Lanes b) { return a.v > b.v ? a.v : b.v; }
  friend RAPHSON_INLINE Lanes abs(Lanes a) {
    constexpr Int magnitude = static_cast<Int>(~(std::uint64_t{1} << (8 * sizeof(T) - 1)));
    return reinterpret_cast<Vector>(reinterpret_cast<Mask>(a.v) & magnitude);
  }
};

/// One lane is the scalar itself, with the instruction set in its type: so that scalar models too can be
/// compiled once for each, and arrays of them left to the compiler's own vectoriser.
template <class T, Isa isa> struct Lanes<T, 1, isa> {
  using Value = T;
  using Int = std::conditional_t<sizeof(T) == 4, std::int32_t, std::int64_t>;
  using Vector = T;
  using Mask = bool;
  static constexpr int count = 1;

  T v;

  Lanes() = default;
  RAPHSON_INLINE Lanes(T value) : v(value) {}

  RAPHSON_INLINE T operator[](int) const { return v; }
  RAPHSON_INLINE void set(int, T value) { v = value; }

  RAPHSON_INLINE Lanes& operator+=(Lanes b) {
    v += b.v;
    return *this;
  }
  RAPHSON_INLINE Lanes& operator-=(Lanes b) {
    v -= b.v;
    return *this;
  }
  RAPHSON_INLINE Lanes& operator*=(Lanes b) {
    v *= b.v;
    return *this;
  }

  friend RAPHSON_INLINE Lanes operator+(Lanes a, Lanes b) { return a.v + b.v; }
  friend RAPHSON_INLINE Lanes operator-(Lanes a, Lanes b) { return a.v - b.v; }
  friend RAPHSON_INLINE Lanes operator*(Lanes a, Lanes b) { return a.v * b.v; }
  friend RAPHSON_INLINE Lanes operator/(Lanes a, Lanes b) { return a.v / b.v; }
  friend RAPHSON_INLINE Lanes operator-(Lanes a) { return -a.v; }
  friend RAPHSON_INLINE bool operator<(Lanes a, Lanes b) { return a.v < b.v; }
  friend RAPHSON_INLINE bool operator>(Lanes a, Lanes b) { return a.v > b.v; }
  friend RAPHSON_INLINE bool operator<=(Lanes a, Lanes b) { return a.v <= b.v; }
  friend RAPHSON_INLINE bool operator>=(Lanes a, Lanes b) { return a.v >= b.v; }

  friend RAPHSON_INLINE Lanes select(bool m, Lanes a, Lanes b) { return m ? a : b; }
  friend RAPHSON_INLINE Lanes min(Lanes a, Lanes b) { return a.v < b.v ? a : b; }
  friend RAPHSON_INLINE Lanes max(Lanes a, Lanes b) { return a.v > b.v ? a : b; }
  friend RAPHSON_INLINE Lanes abs(Lanes a) { return a.v < T(0) ? -a.v : a.v; }
};

template <class T, Isa isa> RAPHSON_INLINE T sum(Lanes<T, 1, isa> a) { return a.v; }

/// Sum over the lanes.
template <class T, int N, Isa isa> RAPHSON_INLINE T sum(Lanes<T, N, isa> a) {
  T total = 0;
  for (int lane = 0; lane < N; ++lane) total += a.v[lane];
  return total;
}

} // namespace raphson::dsp
