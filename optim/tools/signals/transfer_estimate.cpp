#include "optim/tools/signals/transfer_estimate.h"

#include "optim/engine/fourier.h"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace raphson::optim::tools {

TransferEstimate estimate_transfer(std::span<const double> dry, std::span<const double> wet,
                                   double sample_rate, std::size_t window) {
  const std::size_t length = std::min(dry.size(), wet.size());
  while (window > 64 && 2 * window > length) window /= 2;
  const std::size_t bins = window / 2 + 1;
  std::vector<double> shape(window), x(window), y(window), xx(bins), yy(bins);
  for (std::size_t i = 0; i < window; ++i)
    shape[i] =
        0.5 - 0.5 * std::cos(2 * std::numbers::pi * static_cast<double>(i) / static_cast<double>(window));
  std::vector<Complex> of_x(bins), of_y(bins), xy(bins);
  for (std::size_t at = 0; at + window <= length; at += window / 2) {
    for (std::size_t i = 0; i < window; ++i) {
      x[i] = shape[i] * dry[at + i];
      y[i] = shape[i] * wet[at + i];
    }
    forward_transform(x, of_x);
    forward_transform(y, of_y);
    for (std::size_t k = 0; k < bins; ++k) {
      xx[k] += std::norm(of_x[k]);
      yy[k] += std::norm(of_y[k]);
      xy[k] += std::conj(of_x[k]) * of_y[k];
    }
  }
  TransferEstimate result;
  for (std::size_t k = 1; k < bins; ++k) {
    result.hz.push_back(static_cast<double>(k) * sample_rate / static_cast<double>(window));
    result.response.push_back(xx[k] > 0 ? xy[k] / xx[k] : Complex(0));
    const double power = xx[k] * yy[k];
    result.coherence.push_back(power > 0 ? std::norm(xy[k]) / power : 0.0);
  }
  return result;
}

double incoherent_share(const TransferEstimate& e, double limit) {
  const double highest = 0.9 * (e.hz.empty() ? 0 : e.hz.back());
  std::size_t all = 0, below = 0;
  for (std::size_t k = 0; k < e.hz.size(); ++k) {
    if (e.hz[k] < 20 || e.hz[k] > highest) continue;
    ++all;
    if (e.coherence[k] < limit) ++below;
  }
  return all > 0 ? static_cast<double>(below) / static_cast<double>(all) : 0;
}

} // namespace raphson::optim::tools
