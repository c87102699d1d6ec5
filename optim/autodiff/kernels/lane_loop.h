// What the tape's loops over planes are made of: lanes or Jets of lanes loaded from a plane, a whole register
// at a time and the rest one by one.
#pragma once

#include "optim/autodiff/jet.h"
#include "optim/autodiff/kernels/plane.h"

namespace raphson::optim {

/// The scalars of a loop: `tangents` picks Jets.
template <class T, int width, dsp::Isa isa, bool tangents> struct LoopScalar {
  using V = dsp::Lanes<T, width, isa>;
  using S = std::conditional_t<tangents, Jet<V, 1, 1>, V>;
  static constexpr int count = width;

  static RAPHSON_INLINE S load(Plane<const T> p, Index i) {
    if constexpr (tangents) {
      S s(V::load(p.value + i));
      s.g[0] = V::load(p.tangent + i);
      return s;
    } else {
      return V::load(p.value + i);
    }
  }
  static RAPHSON_INLINE void store(Plane<T> p, Index i, const S& s) {
    if constexpr (tangents) {
      s.v.store(p.value + i);
      s.g[0].store(p.tangent + i);
    } else {
      s.store(p.value + i);
    }
  }
  /// One value in every lane.
  static RAPHSON_INLINE S spread(Plane<const T> p) {
    S s(V(*p.value));
    if constexpr (tangents) s.g[0] = V(*p.tangent);
    return s;
  }
  /// The one value that p points to += the sum of the lanes.
  static RAPHSON_INLINE void add_sum(Plane<T> p, const S& s) {
    if constexpr (tangents) {
      *p.value += sum(s.v);
      *p.tangent += sum(s.g[0]);
    } else {
      *p.value += sum(s);
    }
  }
};

/// Lanes<T, 1> has no load of its own.
template <class T, dsp::Isa isa, bool tangents> struct LoopScalar<T, 1, isa, tangents> {
  using V = dsp::Lanes<T, 1, isa>;
  using S = std::conditional_t<tangents, Jet<V, 1, 1>, V>;
  static constexpr int count = 1;

  static RAPHSON_INLINE S load(Plane<const T> p, Index i) {
    S s(V(p.value[i]));
    if constexpr (tangents) s.g[0] = V(p.tangent[i]);
    return s;
  }
  static RAPHSON_INLINE void store(Plane<T> p, Index i, const S& s) {
    if constexpr (tangents) {
      p.value[i] = s.v.v;
      p.tangent[i] = s.g[0].v;
    } else {
      p.value[i] = s.v;
    }
  }
  static RAPHSON_INLINE S spread(Plane<const T> p) { return load(p, 0); }
  static RAPHSON_INLINE void add_sum(Plane<T> p, const S& s) { store(p, 0, load(p, 0) + s); }
};

/// body(LoopScalar, i): i counts registers' worth, then what is left.
template <class T, dsp::Isa isa, bool tangents, class Body> RAPHSON_INLINE void loop(Index n, Body body) {
  constexpr int width = dsp::lane_count<T>(isa);
  Index i = 0;
  for (; i + width <= n; i += width) body(LoopScalar<T, width, isa, tangents>{}, i);
  for (; i < n; ++i) body(LoopScalar<T, 1, isa, tangents>{}, i);
}

} // namespace raphson::optim
