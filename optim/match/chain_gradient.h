// Loss, gradient and Gauss-Newton matrix of a chain over a group of chunks, a lane each (chain_kernel.h).
//
// The derivatives are taken eight parameters at a time: the chain runs once for each eight over the same
// block of samples, with Jets whose state stays in the first-level cache, and the block's derivatives are
// kept until their products are summed. Jets of all parameters at once, 24 or 32 registers of lanes each, go
// through the second-level cache at every step, which takes several times as long.
#pragma once

#include "optim/match/chain_loss.h"

#include <vector>

namespace raphson::optim::match {

constexpr std::size_t directions_at_once = 8;

/// One run of the chain, with derivatives by up to eight of the free parameters, from the first_free-th on.
template <class T> class ChainRun {
public:
  using J = Jet<T, directions_at_once, 1>;

  ChainRun(const ChainProblem& p, std::size_t first_free)
      : emphasise_(J(T(p.pre_emphasis_pole))), chain_(chain_of(p, first_free)) {}

  /// error[i] of x[i] and y[i], the next samples.
  void errors(const T* x, const T* y, std::size_t count, J* error) {
    for (std::size_t i = 0; i < count; ++i) error[i] = J(x[i]);
    chain_.process(std::span<J>(error, count));
    for (std::size_t i = 0; i < count; ++i) error[i] = emphasise_(error[i] - J(y[i]));
  }

private:
  static dsp::Chain<J> chain_of(const ChainProblem& p, std::size_t first_free) {
    std::array<J, most_chain_values> values;
    for (std::size_t i = 0; i < p.values.size(); ++i) values[i] = J(T(p.values[i]));
    for (std::size_t d = 0; d < directions_at_once && first_free + d < p.free.size(); ++d)
      values[p.free[first_free + d]].g[d] = T(1.0);
    return {p.settings, std::span<const J>(values.data(), p.values.size()), p.sample_rate};
  }

  dsp::PreEmphasis<J> emphasise_;
  dsp::Chain<J> chain_;
};

/// Sums over the samples of e^2, e e_i and e_i e_j, e_i the derivatives of the error, a lane each.
template <class T> class ErrorProducts {
public:
  static constexpr std::size_t block = 16; ///< samples whose derivatives are kept: 25 KB of 24 parameters

  explicit ErrorProducts(std::size_t parameters)
      : n_(parameters), stride_((parameters + tile - 1) / tile * tile), derivatives_(stride_ * block, T(0.0)),
        gradient_(n_, T(0.0)), products_(n_ * stride_, T(0.0)) {}

  /// Where the error of sample i of the block and its derivative by parameter k are written.
  T& error(std::size_t i) { return error_[i]; }
  T& derivative(std::size_t k, std::size_t i) { return derivatives_[k * block + i]; }

  /// All of the block.
  void add_block() {
    for (std::size_t i = 0; i < block; ++i) loss_ += error_[i] * error_[i];
    for (std::size_t k = 0; k < n_; ++k) {
      const T* row = &derivatives_[k * block];
      for (std::size_t i = 0; i < block; ++i) gradient_[k] += error_[i] * row[i];
      for (std::size_t j = 0; j <= k; j += tile)
        add_tile(row, &derivatives_[j * block], &products_[k * stride_ + j]);
    }
  }

  /// of: a lane, or the sum of all.
  template <class Of> void add_to(ChainLossDerivatives& out, Of of) const {
    out.loss += 0.5 * of(loss_);
    for (std::size_t k = 0, packed = 0; k < n_; ++k) {
      out.gradient[k] += of(gradient_[k]);
      for (std::size_t j = 0; j <= k; ++j, ++packed)
        out.gauss_newton[packed] += of(products_[k * stride_ + j]);
    }
  }

private:
  static constexpr std::size_t tile = 4; ///< sums side by side, so that none waits for itself

  static RAPHSON_INLINE void add_tile(const T* a, const T* b, T* sums) {
    T s0 = sums[0], s1 = sums[1], s2 = sums[2], s3 = sums[3];
    for (std::size_t i = 0; i < block; ++i) {
      s0 += a[i] * b[i];
      s1 += a[i] * b[block + i];
      s2 += a[i] * b[2 * block + i];
      s3 += a[i] * b[3 * block + i];
    }
    sums[0] = s0, sums[1] = s1, sums[2] = s2, sums[3] = s3;
  }

  std::size_t n_, stride_;
  std::array<T, block> error_{};
  std::vector<T> derivatives_; ///< [parameter][sample]
  T loss_ = T(0.0);
  std::vector<T> gradient_, products_;
};

/// Adds to one result, or to that of `each` chunk.
template <class T>
void chain_gauss_newton(const ChunkView* chunks, int count, const ChainProblem& p, ChainLossDerivatives* out,
                        bool each) {
  using Run = ChainRun<T>;
  constexpr std::size_t block = ErrorProducts<T>::block;
  const LaneGroup<T> group{chunks, count};
  std::vector<Run> runs;
  for (std::size_t k = 0; k < p.free.size(); k += directions_at_once) runs.emplace_back(p, k);
  if (runs.empty()) runs.emplace_back(p, 0);

  ErrorProducts<T> sums(p.free.size());
  std::array<T, block> x, y, scored;
  std::array<typename Run::J, block> error;
  for (std::size_t from = 0; from < group.samples(); from += block) {
    for (std::size_t i = 0; i < block; ++i) group.read(from + i, x[i], y[i], scored[i]); // zeros past the end
    for (std::size_t r = 0; r < runs.size(); ++r) {
      runs[r].errors(x.data(), y.data(), block, error.data());
      const std::size_t first = r * directions_at_once;
      for (std::size_t i = 0; i < block; ++i) {
        sums.error(i) = scored[i] * error[i].v;
        for (std::size_t d = 0; d < directions_at_once && first + d < p.free.size(); ++d)
          sums.derivative(first + d, i) = scored[i] * error[i].g[d];
      }
    }
    sums.add_block();
  }

  using Traits = LaneTraits<T>;
  if (!each) return sums.add_to(*out, [](const T& a) { return Traits::sum(a); });
  for (int lane = 0; lane < count; ++lane)
    sums.add_to(out[lane], [lane](const T& a) { return Traits::get(a, lane); });
}

} // namespace raphson::optim::match
