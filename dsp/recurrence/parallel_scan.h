// The recurrences of linear_recurrence.h by a parallel scan (G. Blelloch, "Prefix sums and their
// applications", 1990). A step y -> a y + b is the pair (a, b), and steps compose associatively:
//   (a2, b2) after (a1, b1) = (a2 a1, a2 b1 + b2).
// Each thread composes the steps of its share; the states between the shares follow; each thread then
// evaluates its share from the state before it. The blocks of a tile are composed side by side, so that their
// chains of dependent operations overlap; at first order a share is evaluated that way as well, which can
// make even one thread faster than the evaluation in order. Matrices of K x K compose at K + 1 times the
// arithmetic of a step: two threads gain nothing there.
//
// The result equals the evaluation in order up to rounding, as long as products of a stay finite: |a| <= 1 or
// little more. Offline functions: they start threads and allocate, and may throw what that throws.
#pragma once

#include "dsp/recurrence/linear_recurrence.h"

#include <algorithm>
#include <array>
#include <system_error>
#include <thread>
#include <vector>

namespace raphson::dsp {

namespace detail {

/// body(0) ... body(threads - 1), each on a thread, the first on the caller's. body must not throw.
template <class Body> void on_threads(std::size_t threads, const Body& body) {
  std::vector<std::thread> workers;
  workers.reserve(threads - 1);
  std::size_t started = 1;
  try {
    for (; started < threads; ++started) workers.emplace_back(body, started);
  } catch (const std::system_error&) {
    // No thread to spare: the caller does the share of those that did not start.
  }
  body(0);
  for (; started < threads; ++started) body(started);
  for (std::thread& worker : workers) worker.join();
}

/// y -> a y + b.
template <class V> struct Step {
  Transition<V> a;
  V b;
  V operator()(const V& y) const { return a * y + b; }
  friend Step after(const Step& later, const Step& earlier) {
    return {later.a * earlier.a, later.a * earlier.b + later.b};
  }
};

/// The recurrence on samples given by functions a(n), b(n) and write(n, state).
template <class V, class A, class B, class Write> struct TiledScan {
  // 1000: within the second cache, long enough to be fetched ahead, no power of two for lines to collide at.
  static constexpr std::size_t chains = 4, block = 1000, tile = chains * block;
  static constexpr bool first_order = std::is_same_v<V, Transition<V>>;

  const A& a;
  const B& b;
  const Write& write;

  /// The steps of the tile's blocks.
  std::array<Step<V>, chains> compose_tile(std::size_t from) const {
    std::array<Step<V>, chains> steps;
    for (std::size_t k = 0; k < chains; ++k) steps[k] = {a(from + k * block), b(from + k * block)};
    for (std::size_t n = from + 1; n < from + block; ++n)
      for (std::size_t k = 0; k < chains; ++k)
        steps[k] = after(Step<V>{a(n + k * block), b(n + k * block)}, steps[k]);
    return steps;
  }

  /// All steps of from ... to - 1 as one; from < to.
  Step<V> compose(std::size_t from, std::size_t to) const {
    Step<V> all{a(from), b(from)};
    for (++from; from + tile <= to; from += tile)
      for (const Step<V>& step : compose_tile(from)) all = after(step, all);
    for (; from < to; ++from) all = after(Step<V>{a(from), b(from)}, all);
    return all;
  }

  /// Writes the states of from ... to - 1, `state` being the one before; returns the last.
  V evaluate(std::size_t from, std::size_t to, V state) const {
    for (; first_order && from + tile <= to; from += tile) {
      const std::array<Step<V>, chains> steps = compose_tile(from);
      std::array<V, chains> y{state};
      for (std::size_t k = 1; k < chains; ++k) y[k] = steps[k - 1](y[k - 1]);
      for (std::size_t n = from; n < from + block; ++n)
        for (std::size_t k = 0; k < chains; ++k) {
          y[k] = a(n + k * block) * y[k] + b(n + k * block);
          write(n + k * block, y[k]);
        }
      state = y[chains - 1];
    }
    for (; from < to; ++from) {
      state = a(from) * state + b(from);
      write(from, state);
    }
    return state;
  }
};

struct Scan {
  static constexpr std::size_t least_for_a_thread = 32768; ///< samples: starting a thread costs tens of us

  std::size_t threads;

  template <class V, class A, class B, class Write>
  V operator()(std::size_t count, A a, B b, V state, Write write) const {
    const TiledScan<V, A, B, Write> scan{a, b, write};
    const std::size_t used = std::clamp<std::size_t>(threads, 1, count / least_for_a_thread + 1);
    if (used == 1) return scan.evaluate(0, count, state);

    const auto share = [&](std::size_t thread) {
      return count / used * thread + std::min(thread, count % used);
    };
    std::vector<Step<V>> composed(used - 1); // of all shares but the last, which nothing follows
    on_threads(used - 1, [&](std::size_t thread) {
      composed[thread] = scan.compose(share(thread), share(thread + 1));
    });

    std::vector<V> states{state}; // before each share
    for (const Step<V>& step : composed) states.push_back(step(states.back()));
    on_threads(used, [&](std::size_t thread) {
      states[thread] = scan.evaluate(share(thread), share(thread + 1), states[thread]);
    });
    return states.back();
  }
};

} // namespace detail

/// As linear_recurrence, on up to `threads` threads.
template <class V>
void linear_recurrence_scan(detail::In<Transition<V>> a, detail::In<V> b, V initial, detail::Out<V> y,
                            std::size_t threads) {
  detail::forward<V>(a, b, initial, y, detail::Scan{threads});
}

template <class V>
void linear_recurrence_scan(const Transition<V>& a, detail::In<V> b, V initial, detail::Out<V> y,
                            std::size_t threads) {
  detail::forward<V>(detail::ConstantTransition<Transition<V>>{a}, b, initial, y, detail::Scan{threads});
}

/// As linear_recurrence_adjoint, on up to `threads` threads.
template <class V>
V linear_recurrence_adjoint_scan(detail::In<Transition<V>> a, detail::In<V> y_bar, V final_bar,
                                 detail::Out<V> b_bar, std::size_t threads) {
  return detail::adjoint<V>(a, y_bar, final_bar, b_bar, detail::Scan{threads});
}

template <class V>
V linear_recurrence_adjoint_scan(const Transition<V>& a, detail::In<V> y_bar, V final_bar,
                                 detail::Out<V> b_bar, std::size_t threads) {
  return detail::adjoint<V>(detail::ConstantTransition<Transition<V>>{a}, y_bar, final_bar, b_bar,
                            detail::Scan{threads});
}

} // namespace raphson::dsp
