// The loop of chain_kernel.h, templated on the numbers it runs on: Lanes for the value, Jets of Lanes for
// first derivatives, Jets of double for the exact Hessian.
#pragma once

#include "dsp/filters/pre_emphasis.h"
#include "optim/autodiff/jet.h"
#include "optim/match/chain_kernel.h"

#include <array>

namespace raphson::optim::match {

/// A lane's worth of everything: T is double or Lanes; load and sum over its lanes.
template <class T> struct LaneTraits {
  static constexpr int count = 1;
  static void set(T& a, int, double value) { a = value; }
  static double get(T a, int) { return a; }
  static double sum(T a) { return a; }
};
template <int N, dsp::Isa isa> struct LaneTraits<dsp::Lanes<double, N, isa>> {
  static constexpr int count = N;
  static RAPHSON_INLINE void set(dsp::Lanes<double, N, isa>& a, int lane, double value) {
    a.set(lane, value);
  }
  static RAPHSON_INLINE double get(dsp::Lanes<double, N, isa> a, int lane) { return a[lane]; }
  static RAPHSON_INLINE double sum(dsp::Lanes<double, N, isa> a) { return dsp::sum(a); }
};

/// One chunk a lane: their samples, and 1 where they are scored.
template <class T> struct LaneGroup {
  using Traits = LaneTraits<T>;
  const ChunkView* chunks;
  int count;

  std::size_t samples() const {
    std::size_t most = 0;
    for (int lane = 0; lane < count; ++lane) most = most < chunks[lane].count ? chunks[lane].count : most;
    return most;
  }
  void read(std::size_t t, T& x, T& y, T& scored) const {
    x = y = scored = T(0.0);
    for (int lane = 0; lane < count; ++lane) {
      const ChunkView& chunk = chunks[lane];
      if (t >= chunk.count) continue;
      Traits::set(x, lane, static_cast<double>(chunk.dry[t]));
      Traits::set(y, lane, static_cast<double>(chunk.wet[t]));
      if (chunk.is_scored(t)) Traits::set(scored, lane, 1.0);
    }
  }
};

/// Runs the chain over the group and hands (error, 1 where scored) of every sample to add().
template <class S, class T, class Add>
void run_chain(const LaneGroup<T>& group, const ChainProblem& problem, std::span<const S> values, Add add) {
  constexpr std::size_t block = 32;
  const std::size_t samples = group.samples();
  dsp::PreEmphasis<S> emphasise(S(problem.pre_emphasis_pole));
  std::array<T, block> x, y, scored;
  if (problem.inverse) {
    dsp::Compressor<S> compressor(values, problem.sample_rate);
    for (std::size_t t = 0; t < samples; ++t) {
      group.read(t, x[0], y[0], scored[0]);
      add(emphasise(S(x[0]) - S(y[0]) / compressor.output_gain(S(x[0]))), scored[0]);
    }
    return;
  }
  dsp::Chain<S> chain(problem.settings, values, problem.sample_rate);
  std::array<S, block> audio;
  for (std::size_t from = 0; from < samples; from += block) {
    const std::size_t n = samples - from < block ? samples - from : block;
    for (std::size_t i = 0; i < n; ++i) {
      group.read(from + i, x[i], y[i], scored[i]);
      audio[i] = S(x[i]);
    }
    chain.process(std::span<S>(audio.data(), n));
    for (std::size_t i = 0; i < n; ++i) add(emphasise(audio[i] - S(y[i])), scored[i]);
  }
}

constexpr std::size_t most_chain_values = 64;

template <class T>
void chain_value(const ChunkView* chunks, int count, const ChainProblem& p, ChainLossDerivatives& out) {
  std::array<T, most_chain_values> values;
  for (std::size_t i = 0; i < p.values.size(); ++i) values[i] = T(p.values[i]);
  T loss(0.0);
  run_chain<T>(LaneGroup<T>{chunks, count}, p, std::span<const T>(values.data(), p.values.size()),
               [&](const T& e, const T& scored) { loss += scored * e * e; });
  out.loss += 0.5 * LaneTraits<T>::sum(loss);
}

/// J = Jet<T, N, Order>, N at least the number of free parameters. Adds to one result, or to that of `each`
/// chunk.
template <class J, class T>
void chain_derivatives(const ChunkView* chunks, int count, const ChainProblem& p, ChainLossDerivatives* out,
                       bool each) {
  constexpr int n = J::size;
  std::array<J, most_chain_values> values;
  for (std::size_t i = 0; i < p.values.size(); ++i) values[i] = J(T(p.values[i]));
  for (std::size_t k = 0; k < p.free.size(); ++k) values[p.free[k]].g[k] = T(1.0);

  T loss(0.0), gradient[n], products[packed_size(n)], curvature[packed_size(n)];
  for (T& a : gradient) a = T(0.0);
  for (T& a : products) a = T(0.0);
  for (T& a : curvature) a = T(0.0);
  run_chain<J>(LaneGroup<T>{chunks, count}, p, std::span<const J>(values.data(), p.values.size()),
               [&](const J& error, const T& scored) {
                 const T e = scored * error.v;
                 loss += e * error.v;
                 for (int i = 0, k = 0; i < n; ++i) {
                   const T e_i = scored * error.g[i];
                   gradient[i] += e * error.g[i];
                   for (int j = 0; j <= i; ++j, ++k) {
                     products[k] += e_i * error.g[j];
                     if constexpr (J::order == 2) curvature[k] += e * error.h[k];
                   }
                 }
               });

  const int used = static_cast<int>(p.free.size());
  const auto add_to = [&](ChainLossDerivatives& to, auto of) { // of: a lane, or the sum of all
    to.loss += 0.5 * of(loss);
    for (int i = 0, k = 0; i < used; ++i) {
      to.gradient[i] += of(gradient[i]);
      for (int j = 0; j <= i; ++j, ++k) {
        to.gauss_newton[k] += of(products[k]);
        to.curvature[k] += of(curvature[k]);
      }
    }
  };
  using Traits = LaneTraits<T>;
  if (!each) return add_to(*out, [](const T& a) { return Traits::sum(a); });
  for (int lane = 0; lane < count; ++lane)
    add_to(out[lane], [lane](const T& a) { return Traits::get(a, lane); });
}

} // namespace raphson::optim::match
