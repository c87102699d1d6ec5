// W rows of W values become W columns, by log2 W perfect shuffles of pairs of rows.
#pragma once

#include "dsp/simd/lanes.h"

#include <utility>

namespace raphson::dsp {

namespace detail {

/// a0 b0 a1 b1 ... from the lower (offset 0) or upper (offset W/2) half of two rows.
template <int offset, class V, int... i>
RAPHSON_INLINE V interleave(V a, V b, std::integer_sequence<int, i...>) {
  return __builtin_shufflevector(a, b, (offset + i / 2 + (i % 2) * static_cast<int>(sizeof...(i)))...);
}

} // namespace detail

template <class T, int W, Isa isa> RAPHSON_INLINE void transpose(Lanes<T, W, isa> (&rows)[W]) {
  using Indices = std::make_integer_sequence<int, W>;
  for (int stage = 1; stage < W; stage *= 2) {
    Lanes<T, W, isa> shuffled[W];
    for (int i = 0; i < W / 2; ++i) {
      shuffled[2 * i].v = detail::interleave<0>(rows[i].v, rows[i + W / 2].v, Indices{});
      shuffled[2 * i + 1].v = detail::interleave<W / 2>(rows[i].v, rows[i + W / 2].v, Indices{});
    }
    for (int i = 0; i < W; ++i) rows[i] = shuffled[i];
  }
}

} // namespace raphson::dsp
