// Elementary functions under one name for every scalar a model can have: float, double and Lanes here,
// Jet in optim/autodiff/jet.h. A model writes `using namespace dsp::math` and calls exp(x) unqualified.
//
// exp and log are our own so that lanes need no call per lane and a scalar gives the lanes' bits:
//   exp  argument reduced by n ln 2 (two-part constant), polynomial of degree 11 (6 for float); the relative
//        error of the polynomial is 1.3e-17 (7.8e-9). Arguments are held to the range of normal results.
//   log  of a positive normal number m 2^e, m in [sqrt 1/2, sqrt 2): 2 artanh((m-1)/(m+1)), error 1.6e-18.
// Polynomials interpolate at Chebyshev nodes.
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
template <class T, int N, Isa isa> struct ScalarTraits<Lanes<T, N, isa>> {
  using S = Lanes<T, N, isa>;
  using Value = T;
  using Int = typename S::Mask;
  static RAPHSON_INLINE Int bits(S a) { return reinterpret_cast<Int>(a.v); }
  static RAPHSON_INLINE S from_bits(Int b) { return reinterpret_cast<typename S::Vector>(b); }
};

/// c[0] + x (c[1] + x (c[2] + ...)).
template <class S, std::size_t K> RAPHSON_INLINE S horner(const typename ScalarTraits<S>::Value (&c)[K], S x) {
  S p(c[K - 1]);
  for (std::size_t k = K - 1; k-- > 0;) p = p * x + S(c[k]);
  return p;
}

template <class T> struct Constants;
template <> struct Constants<double> {
  static constexpr double round_magic = 6755399441055744.0; // 1.5 * 2^52: adding it rounds to an integer
  static constexpr double ln2_high = 6.93147180369123816490e-01, ln2_low = 1.90821492927058770002e-10;
  static constexpr double exp_lowest = -708.0, exp_highest = 709.0;
  static constexpr int mantissa_bits = 52;
  static constexpr std::int64_t sqrt_half_bits = 0x3fe6a09e667f3bcd;
  static constexpr double exp_polynomial[] = {
      0.50000000000000010221,   0.16666666666666667453,   0.041666666666624127873,  0.0083333333333300618325,
      0.0013888888917213716901, 0.00019841269863053616878, 2.4801521295954375131e-5, 2.7557268459997064772e-6,
      2.7620088445409748161e-7, 2.5100385495510319078e-8};
  static constexpr double log_polynomial[] = {
      0.66666666666666697077, 0.39999999999898890514, 0.28571428626253837606, 0.22222211089379496214,
      0.18182892432536871201, 0.15331611722055007885, 0.14617807153417324964};
};
template <> struct Constants<float> {
  static constexpr float round_magic = 12582912.0f;
  static constexpr float ln2_high = 0.693359375f, ln2_low = -2.12194440e-4f;
  static constexpr float exp_lowest = -87.0f, exp_highest = 88.0f;
  static constexpr int mantissa_bits = 23;
  static constexpr std::int32_t sqrt_half_bits = 0x3f3504f3;
  static constexpr float exp_polynomial[] = {0.5f, 0.16666576969877698f, 0.041666554617204574f,
                                             0.0083631790527225774f, 0.0013926183587713495f};
  static constexpr float log_polynomial[] = {0.66666685095429069f, 0.39988757716604847f, 0.29580985929974422f};
};

template <class S> RAPHSON_INLINE S exp_reduced(S x) {
  using Traits = ScalarTraits<S>;
  using K = Constants<typename Traits::Value>;
  const S magic(K::round_magic);
  const S shifted = x * S(static_cast<typename Traits::Value>(1.4426950408889634074)) + magic;
  const S n = shifted - magic;
  const S r = (x - n * S(K::ln2_high)) - n * S(K::ln2_low);
  const S p = r * r * horner<S>(K::exp_polynomial, r) + r + S(1);
  return Traits::from_bits(Traits::bits(p) + (Traits::bits(shifted) << K::mantissa_bits));
}

} // namespace detail

template <class S>
  requires requires(S a, S b) { a < b; }
RAPHSON_INLINE S exp_clamped(S x) {
  using K = detail::Constants<typename detail::ScalarTraits<S>::Value>;
  return detail::exp_reduced<S>(min(max(x, S(K::exp_lowest)), S(K::exp_highest)));
}

template <std::floating_point T> RAPHSON_INLINE T exp(T x) { return exp_clamped(x); }
template <class T, int N, Isa isa> RAPHSON_INLINE Lanes<T, N, isa> exp(Lanes<T, N, isa> x) { return exp_clamped(x); }

namespace detail {

template <class S> RAPHSON_INLINE S log_positive(S x) {
  using Traits = ScalarTraits<S>;
  using T = typename Traits::Value;
  using K = Constants<T>;
  using Int = typename Traits::Int;
  // Exponent of x / sqrt(1/2), so that the mantissa lands in [sqrt 1/2, sqrt 2).
  const Int offset = Traits::bits(x) - K::sqrt_half_bits;
  const Int exponent = offset >> K::mantissa_bits;
  const S m = Traits::from_bits(Traits::bits(x) - (exponent << K::mantissa_bits));
  // Integer to floating point by the same magic number as exp, which every instruction set can do.
  const S magic(K::round_magic);
  const S e = Traits::from_bits(exponent + Traits::bits(magic)) - magic;
  const S t = (m - S(1)) / (m + S(1));
  const S z = t * t;
  const S series = t * z * horner<S>(K::log_polynomial, z);
  return e * S(K::ln2_high) + (S(T(2)) * t + (series + e * S(K::ln2_low)));
}

} // namespace detail

template <std::floating_point T> RAPHSON_INLINE T log(T x) { return detail::log_positive(x); }
template <class T, int N, Isa isa> RAPHSON_INLINE Lanes<T, N, isa> log(Lanes<T, N, isa> x) {
  return detail::log_positive(x);
}

} // namespace raphson::dsp::math
