// The all-pole filter whose coefficients change with every sample,
//   y[n] = x[n] - sum_k a_k[n] y[n - k],  k = 1 ... order,
// and its reverse mode (Yu & Fazekas, "Differentiable time-varying linear prediction", Interspeech 2024, and
// their torchlpc): with bars for the derivatives of a loss,
//   x_bar[n]   = y_bar[n] - sum_k a_k[n + k] x_bar[n + k]     the same filter, backwards in time
//   a_bar_k[n] = -x_bar[n] y[n - k],   past_bar[j - 1] = -sum_n a_{n + j}[n] x_bar[n]
//
// Shapes, of N samples: x, y, x_bar, y_bar [N]; a, a_bar [N x order], a_k[n] at n order + k - 1; past,
// past_bar [order] or empty, past[k - 1] = y[-k], zero when empty. The caller owns all storage.
#pragma once

#include <algorithm>
#include <cstddef>
#include <span>

namespace raphson::dsp {

template <class S> struct TimeVaryingAllPole {
  using In = std::span<const S>;
  using Out = std::span<S>;

  std::size_t order;

  /// y may be x.
  void forward(In a, In x, Out y, In past = {}) const {
    for (std::size_t n = 0; n < x.size(); ++n) {
      const In now = a.subspan(n * order, order);
      S sum = x[n];
      for (std::size_t k = 1; k <= std::min(order, n); ++k) sum = sum - now[k - 1] * y[n - k];
      if (!past.empty())
        for (std::size_t k = n + 1; k <= order; ++k) sum = sum - now[k - 1] * past[k - n - 1];
      y[n] = sum;
    }
  }

  /// The transpose of x -> y; x_bar may be y_bar.
  void adjoint(In a, In y_bar, Out x_bar) const {
    for (std::size_t n = y_bar.size(); n-- > 0;) {
      S sum = y_bar[n];
      for (std::size_t k = 1; k <= std::min(order, y_bar.size() - 1 - n); ++k)
        sum = sum - a[(n + k) * order + k - 1] * x_bar[n + k];
      x_bar[n] = sum;
    }
  }

  /// The derivatives in a and in past, from the x_bar of adjoint() and the y of forward(). past_bar may be
  /// empty.
  void coefficient_adjoint(In a, In y, In x_bar, Out a_bar, In past = {}, Out past_bar = {}) const {
    for (std::size_t n = 0; n < y.size(); ++n)
      for (std::size_t k = 1; k <= order; ++k) {
        const S before = k <= n ? y[n - k] : past.empty() ? S(0.0) : past[k - n - 1];
        a_bar[n * order + k - 1] = -x_bar[n] * before;
      }
    for (std::size_t j = 1; j <= past_bar.size(); ++j) {
      S sum(0.0);
      for (std::size_t n = 0; n + j <= order && n < y.size(); ++n)
        sum = sum - a[n * order + n + j - 1] * x_bar[n];
      past_bar[j - 1] = sum;
    }
  }
};

} // namespace raphson::dsp
