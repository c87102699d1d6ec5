// The compressor's loss written once on a scalar S, forwards and by its adjoint, which is the plain recursion
// run backwards in time. The hand-derived kernel (compressor_kernel.h) is faster; this is what it is compared
// with, and where Hessian-vector products come from.
//
// Forwards, with the coordinates and the model of compressor_kernel.h,
//   g_t = g_{t-1} + c_t (f_t - g_{t-1}),  z_t = m g_t x_t - y_t,  e_t = z_t - z_{t-1} + pole e_{t-1}.
// Backwards, from L = 1/2 sum of w_t e_t^2 with w_t = 1 where a sample is scored,
//   E_t = w_t e_t + pole E_{t+1}                  adjoint of the pre-emphasis, itself a filter
//   Z_t = E_t - E_{t+1}
//   lambda_t = m x_t Z_t + (1 - c_{t+1}) lambda_{t+1}
//   dL/dtheta = s sum c lambda f [u > 0]          dL/ds = - sum c lambda f max(u, 0)
//   dL/dc     = sum lambda_t (f_t - g_{t-1})      over the attacks or the releases
//   dL/dmu    = m sum Z_t g_t x_t.
//
// S is double, Lanes (one chunk a lane), or a Jet of either. With Jets of order 1 the backward pass carries
// derivatives of the gradient: forward over reverse, one Hessian-vector product a direction.
//
// The backward pass needs every sample's state. Segments bound that memory: the forward pass keeps the state
// at the start of each, and each is played once more before it is run backwards (A. Griewank & A. Walther,
// Evaluating Derivatives, 2nd ed., SIAM 2008, chapter 12). One segment for all stores everything.
#pragma once

#include "optim/autodiff/jet.h"
#include "optim/match/compressor_kernel.h"

#include <algorithm>
#include <array>
#include <vector>

namespace raphson::optim::match {

/// The T of a Jet<T, N, Order>, or the scalar itself: what audio comes in.
template <class S> struct AudioOf { using Type = S; };
template <class T, int N, int Order> struct AudioOf<Jet<T, N, Order>> { using Type = T; };

/// Chunks side by side, one a lane; past its end a chunk is silent and not scored.
template <class T> struct ChunkLanes {
  const ChunkView* chunks;
  int count;
  std::size_t samples = 0;

  ChunkLanes(const ChunkView* views, int n) : chunks(views), count(n) {
    for (int lane = 0; lane < n; ++lane) samples = samples < views[lane].count ? views[lane].count : samples;
  }
  T signal(const float* ChunkView::*which, std::size_t t) const {
    T value(0.0);
    for (int lane = 0; lane < count; ++lane)
      if (t < chunks[lane].count) put(value, lane, static_cast<double>((chunks[lane].*which)[t]));
    return value;
  }
  T scored(std::size_t t) const {
    T weight(0.0);
    for (int lane = 0; lane < count; ++lane)
      if (t >= chunks[lane].first_scored && t < chunks[lane].count) put(weight, lane, 1.0);
    return weight;
  }

private:
  static void put(T& target, int lane, double value) {
    if constexpr (requires { target.set(lane, value); })
      target.set(lane, value);
    else
      target = value;
  }
};

template <class S> class CompressorPass {
public:
  using T = typename AudioOf<S>::Type;
  struct Gradient {
    S loss{0.0};
    std::array<S, 5> gradient{S(0.0), S(0.0), S(0.0), S(0.0), S(0.0)};
  };
  /// What the backward pass needs of a sample.
  struct Sample {
    S static_gain, gain_before, error;
    T audio, level;
  };

  /// (log_threshold, slope, attack, release, log_makeup).
  CompressorPass(const ChunkLanes<T>& chunks, const std::array<S, 5>& coordinates, double pole)
      : chunks_(chunks), theta_(coordinates[0]), slope_(coordinates[1]), attack_(coordinates[2]),
        release_(coordinates[3]), makeup_(exponential(coordinates[4])), pole_(pole) {}

  S loss() const {
    State state;
    S sum(0.0);
    for (std::size_t t = 0; t < chunks_.samples; ++t) {
      const S error = step(t, state).error;
      sum = sum + error * error;
    }
    return times(sum, T(0.5));
  }

  /// The loss and its gradient by the adjoint, in segments of so many samples; 0: one for all.
  Gradient gradient(std::size_t segment_samples) const {
    const std::size_t length = segment_samples == 0 ? chunks_.samples : segment_samples;
    std::vector<State> starts;
    std::vector<Sample> samples;
    starts.reserve((chunks_.samples + length - 1) / std::max<std::size_t>(length, 1));
    samples.reserve(std::min(length, chunks_.samples));
    State state;
    for (std::size_t from = 0; from < chunks_.samples; from += length) {
      starts.push_back(state);
      if (from + length < chunks_.samples)
        for (std::size_t t = from; t < from + length; ++t) step(t, state);
    }
    Gradient sums;
    Adjoint adjoint;
    for (std::size_t segment = starts.size(); segment-- > 0;) {
      const std::size_t from = segment * length, to = std::min(from + length, chunks_.samples);
      samples.clear();
      for (std::size_t t = from; t < to; ++t) samples.push_back(step(t, starts[segment]));
      for (std::size_t i = samples.size(); i-- > 0;) step_back(samples[i], adjoint, sums);
    }
    sums.loss = times(sums.loss, T(0.5));
    sums.gradient[0] = slope_ * sums.gradient[0];
    sums.gradient[4] = makeup_ * sums.gradient[4];
    return sums;
  }

private:
  struct State {
    S gain{1.0}, output{0.0}, error{0.0};
  };
  struct Adjoint {
    S error{0.0}, gain{0.0}; ///< E_{t+1} and (1 - c_{t+1}) lambda_{t+1}
  };

  static S exponential(const S& a) {
    using math::exp;
    return exp(a);
  }
  /// By something that does not depend on the parameters, for less than a product of Jets.
  static RAPHSON_INLINE S times(S a, T k) {
    if constexpr (std::is_same_v<S, T>) {
      return a * k;
    } else {
      a.v = a.v * k;
      for (T& g : a.g) g = g * k;
      for (T& h : a.h) h = h * k;
      return a;
    }
  }
  static RAPHSON_INLINE S plus(S a, T k) {
    if constexpr (std::is_same_v<S, T>)
      return a + k;
    else {
      a.v = a.v + k;
      return a;
    }
  }

  RAPHSON_INLINE S overshoot(T level) const {
    using math::max;
    return max(plus(-theta_, level), S(0.0));
  }

  RAPHSON_INLINE Sample step(std::size_t t, State& state) const {
    using math::abs, math::exp, math::log, math::max, math::select;
    const T x = chunks_.signal(&ChunkView::dry, t), y = chunks_.signal(&ChunkView::wet, t);
    const T level = log(max(abs(x), T(1e-8)));
    const S f = exp(-(slope_ * overshoot(level))), before = state.gain;
    const S c = select(f < before, attack_, release_);
    state.gain = before + c * (f - before);
    const S output = plus(times(makeup_ * state.gain, x), -y);
    state.error = output - state.output + times(state.error, T(pole_));
    state.output = output;
    return {f, before, times(state.error, chunks_.scored(t)), x, level};
  }

  RAPHSON_INLINE void step_back(const Sample& sample, Adjoint& next, Gradient& sums) const {
    using math::select;
    const S zero(0.0), over = overshoot(sample.level), &f = sample.static_gain, d = f - sample.gain_before;
    const auto attacks = f < sample.gain_before;
    const S c = select(attacks, attack_, release_);
    const S error = sample.error + times(next.error, T(pole_));
    const S output = times(error - next.error, sample.audio);
    const S lambda = makeup_ * output + next.gain;
    const S by_static_gain = c * lambda, by_coefficient = lambda * d;
    const S by_threshold = select(over > zero, by_static_gain * f, zero);
    sums.loss = sums.loss + sample.error * sample.error;
    sums.gradient[0] = sums.gradient[0] + by_threshold;
    sums.gradient[1] = sums.gradient[1] - by_threshold * over;
    sums.gradient[2] = sums.gradient[2] + select(attacks, by_coefficient, zero);
    sums.gradient[3] = sums.gradient[3] + select(attacks, zero, by_coefficient);
    sums.gradient[4] = sums.gradient[4] + output * (sample.gain_before + c * d);
    next = {error, lambda - by_static_gain};
  }

  ChunkLanes<T> chunks_;
  S theta_, slope_, attack_, release_, makeup_;
  double pole_;
};

} // namespace raphson::optim::match
