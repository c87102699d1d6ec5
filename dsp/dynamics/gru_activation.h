// Sigmoids and a step of a gated recurrent unit for scalars and lanes, by 2^x alone (math/elementary.h).
//
//   sigmoid(x) = 1 / (1 + e^-x)        tanh(x) = (1 - e^-2x) / (1 + e^-2x)
//
// In float both are within 2e-7 of the exact value everywhere (absolute; the test holds it). The unit's step,
// h + (1 - z)(n - h), takes the quotients of z and n together: one division instead of two.
#pragma once

#include "dsp/math/elementary.h"

namespace raphson::dsp::gru {

template <class S> using ValueOf = typename math::detail::ScalarTraits<S>::Value;

inline constexpr double log2_e = 1.4426950408889634074;

/// 2^octaves. The argument is held to where the next power changes no sigmoid and products of two stay in
/// range. In float the polynomial of math::exp2 is summed in pairs (Estrin): a network waits for it.
template <class S> RAPHSON_INLINE S power(S octaves) {
  using math::min, math::max;
  constexpr auto furthest = static_cast<ValueOf<S>>(60);
  const S x = min(max(octaves, S(-furthest)), S(furthest));
  if constexpr (sizeof(ValueOf<S>) == 8) {
    return math::exp2_within_range<S>(x);
  } else {
    using Traits = math::detail::ScalarTraits<S>;
    using K = math::detail::Constants<float>;
    constexpr auto& c = K::exp2_polynomial;
    const S shifted = x + S(K::round_magic), r = x - (shifted - S(K::round_magic)), r2 = r * r;
    const S low = S(1.0f) + r * S(c[0]), middle = S(c[1]) + r * S(c[2]), high = S(c[3]) + r * S(c[4]);
    const S p = low + r2 * (middle + r2 * (high + r2 * S(c[5])));
    return Traits::from_bits(Traits::bits(p) + (Traits::bits(shifted) << K::mantissa_bits));
  }
}

/// Of an argument times -log2 e, as weights that are prepared once can give it.
template <class S> RAPHSON_INLINE S sigmoid_of_octaves(S octaves) {
  return S(ValueOf<S>(1)) / (S(ValueOf<S>(1)) + power(octaves));
}

template <class S> RAPHSON_INLINE S sigmoid(S x) {
  return sigmoid_of_octaves(x * S(static_cast<ValueOf<S>>(-log2_e)));
}

template <class S> RAPHSON_INLINE S tanh(S x) {
  const S one(ValueOf<S>(1)), b = power(x * S(static_cast<ValueOf<S>>(-2 * log2_e)));
  return (one - b) / (one + b);
}

/// h + (1 - z)(n - h), the argument of z given times -log2 e, that of n times -2 log2 e.
template <class S> RAPHSON_INLINE S step(S h, S z_octaves, S n_octaves) {
  const S one(ValueOf<S>(1)), a = power(z_octaves), b = power(n_octaves), sum = one + b;
  return h + a * ((one - b) - h * sum) / ((one + a) * sum);
}

} // namespace raphson::dsp::gru
