// Elementary functions under one name for every scalar a model can have: float, double and Lanes here,
// Jet in optim/autodiff/jet.h. A model writes `using namespace dsp::math` and calls exp(x) unqualified.
//
// exp2 and log2 are our own so that lanes need no call per lane and a scalar gives the lanes' bits:
//   exp2 2^n times a polynomial of degree 10 (6 for float) in the remaining fraction; relative error 4.4e-16
//        (3.9e-9). exp2 holds its argument to the range of normal results, exp2_within_range trusts it.
//   log2 of a positive normal number m 2^e, m in [sqrt 1/2, sqrt 2): e + 2 artanh((m-1)/(m+1)) / ln 2, an odd
//        polynomial of degree 13 (7) in the quotient; error 8.8e-17 (3.5e-10).
// exp and log are these in other units, which costs exp |x| units in the last place. The polynomials
// interpolate at Chebyshev nodes.
#pragma once

#include "dsp/simd/lanes.h"

#include <bit>
#include <cmath>
#include <concepts>

namespace raphson::dsp::math {

using std::cos;
using std::pow;
using std::sin;
using std::sqrt;
using std::tan;
using std::tanh;

template <std::floating_point T> RAPHSON_INLINE T abs(T a) { return std::fabs(a); }
template <std::floating_point T> RAPHSON_INLINE T min(T a, T b) { return a < b ? a : b; }
template <std::floating_point T> RAPHSON_INLINE T max(T a, T b) { return a > b ? a : b; }
template <std::floating_point T> RAPHSON_INLINE T select(bool m, T a, T b) { return m ? a : b; }

namespace detail {

template <class S> struct ScalarTraits {
  using Value = S;
  using Int = std::conditional_t<sizeof(S) == 4, std::int32_t, std::int64_t>;
  static RAPHSON_INLINE Int bits(S a) { return std::bit_cast<Int>(a); }
  static RAPHSON_INLINE S from_bits(Int b) { return std::bit_cast<S>(b); }
};
template <class T, Isa isa> struct ScalarTraits<Lanes<T, 1, isa>> {
  using S = Lanes<T, 1, isa>;
  using Value = T;
  using Int = typename S::Int;
  static RAPHSON_INLINE Int bits(S a) { return std::bit_cast<Int>(a.v); }
  static RAPHSON_INLINE S from_bits(Int b) { return std::bit_cast<T>(b); }
};
template <class T, int N, Isa isa> struct ScalarTraits<Lanes<T, N, isa>> {
  using S = Lanes<T, N, isa>;
  using Value = T;
  using Int = typename S::Mask;
  static RAPHSON_INLINE Int bits(S a) { return reinterpret_cast<Int>(a.v); }
  static RAPHSON_INLINE S from_bits(Int b) { return reinterpret_cast<typename S::Vector>(b); }
};

/// c[0] + x (c[1] + x (c[2] + ...)).
template <class S, std::size_t K>
RAPHSON_INLINE S horner(const typename ScalarTraits<S>::Value (&c)[K], S x) {
  S p(c[K - 1]);
  for (std::size_t k = K - 1; k-- > 0;) p = p * x + S(c[k]);
  return p;
}

template <class T> struct Constants;
template <> struct Constants<double> {
  static constexpr double round_magic = 6755399441055744.0; // 1.5 * 2^52: adding it rounds to an integer
  static constexpr double lowest_exponent = -1022.0, highest_exponent = 1023.0;
  static constexpr int mantissa_bits = 52;
  static constexpr std::int64_t sqrt_half_bits = 0x3fe6a09e667f3bcd;
  static constexpr double exp2_polynomial[] = {
      0.69314718055994615914,   0.2402265069591007614,     0.055504108664651644807,  0.009618129107618664,
      0.0013333558200801120886, 0.00015403530424780297134, 1.5252672919976235135e-5, 1.3215451630406807048e-6,
      1.0205906527945659144e-7, 7.0709785098538205361e-9};
  static constexpr double log2_polynomial[] = {
      2.8853900817779273113,  0.96179669392432453474, 0.57707801725087289737, 0.41219840130684337744,
      0.32061644212448458079, 0.26144245557136550695, 0.24293824606326321509};
};
template <> struct Constants<float> {
  static constexpr float round_magic = 12582912.0f;
  static constexpr float lowest_exponent = -126.0f, highest_exponent = 127.0f;
  static constexpr int mantissa_bits = 23;
  static constexpr std::int32_t sqrt_half_bits = 0x3f3504f3;
  static constexpr float exp2_polynomial[] = {0.69314718802712552727f,   0.24022650760575891478f,
                                              0.055503571099135861889f,  0.0096180825535501215752f,
                                              0.0013390865661206543306f, 0.00015453164933424574984f};
  static constexpr float log2_polynomial[] = {2.8853900797953286244f, 0.96179884534733840503f,
                                              0.57671444388091973848f, 0.43173788074140872936f};
};

} // namespace detail

/// 2^x for an x known to lie within the exponents of normal numbers; meaningless outside.
template <class S> RAPHSON_INLINE S exp2_within_range(S x) {
  using Traits = detail::ScalarTraits<S>;
  using K = detail::Constants<typename Traits::Value>;
  const S magic(K::round_magic);
  const S shifted = x + magic;
  const S r = x - (shifted - magic);
  const S p = r * detail::horner<S>(K::exp2_polynomial, r) + S(1);
  return Traits::from_bits(Traits::bits(p) + (Traits::bits(shifted) << K::mantissa_bits));
}

/// 2^x, x held to the exponents of normal numbers.
template <class S> RAPHSON_INLINE S exp2(S x) {
  using K = detail::Constants<typename detail::ScalarTraits<S>::Value>;
  return exp2_within_range<S>(min(max(x, S(K::lowest_exponent)), S(K::highest_exponent)));
}

/// log2 x for a positive normal x; meaningless otherwise.
template <class S> RAPHSON_INLINE S log2(S x) {
  using Traits = detail::ScalarTraits<S>;
  using K = detail::Constants<typename Traits::Value>;
  using Int = typename Traits::Int;
  const Int offset = Traits::bits(x) - K::sqrt_half_bits;
  const Int exponent = offset >> K::mantissa_bits;
  const S m = Traits::from_bits(Traits::bits(x) - (exponent << K::mantissa_bits));
  // Integer to floating point by the same magic number, which every instruction set can do.
  const S magic(K::round_magic);
  const S e = Traits::from_bits(exponent + Traits::bits(magic)) - magic;
  const S t = (m - S(1)) / (m + S(1));
  return t * detail::horner<S>(K::log2_polynomial, t * t) + e;
}

template <std::floating_point T> RAPHSON_INLINE T exp(T x) { return exp2(x * T(1.4426950408889634074)); }
template <std::floating_point T> RAPHSON_INLINE T log(T x) { return log2(x) * T(0.69314718055994530942); }
template <class T, int N, Isa isa> RAPHSON_INLINE Lanes<T, N, isa> exp(Lanes<T, N, isa> x) {
  return exp2(x * Lanes<T, N, isa>(T(1.4426950408889634074)));
}
template <class T, int N, Isa isa> RAPHSON_INLINE Lanes<T, N, isa> log(Lanes<T, N, isa> x) {
  return log2(x) * Lanes<T, N, isa>(T(0.69314718055994530942));
}

/// Lane by lane, for the design of filters and other things done once a block.
#define RAPHSON_LANEWISE(name)                                                                               \
  template <class T, int N, Isa isa> Lanes<T, N, isa> name(Lanes<T, N, isa> x) {                             \
    for (int lane = 0; lane < N; ++lane) x.set(lane, std::name(x[lane]));                                    \
    return x;                                                                                                \
  }
RAPHSON_LANEWISE(sqrt)
RAPHSON_LANEWISE(sin)
RAPHSON_LANEWISE(cos)
RAPHSON_LANEWISE(tan)
RAPHSON_LANEWISE(tanh)
#undef RAPHSON_LANEWISE

} // namespace raphson::dsp::math
