#include "dsp/resample/half_band.h"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace raphson::dsp {
namespace {

/// The modified Bessel function of order 0, by its power series.
double bessel_i0(double x) {
  double term = 1, total = 1;
  for (int k = 1; term > 1e-17 * total; ++k) {
    term *= (x / (2 * k)) * (x / (2 * k));
    total += term;
  }
  return total;
}

void shift(std::vector<double>& history, std::size_t kept, std::size_t count) {
  std::copy_n(history.begin() + count, kept, history.begin());
}

} // namespace

std::vector<double> half_band_branch(std::size_t half_length) {
  constexpr double stop_band_db = 102; // a little more than asked, since Kaiser's formula is an estimate
  const double beta = 0.1102 * (stop_band_db - 8.7);
  std::vector<double> taps(half_length);
  double total = 0;
  for (std::size_t j = 0; j < half_length; ++j) {
    const double distance = 2 * static_cast<double>(j) + 1;
    const double across = distance / (2 * static_cast<double>(half_length));
    const double ideal = (j % 2 == 0 ? 1 : -1) / (std::numbers::pi * distance);
    taps[j] = ideal * bessel_i0(beta * std::sqrt(1 - across * across)) / bessel_i0(beta);
    total += taps[j];
  }
  for (double& tap : taps) tap *= 0.25 / total; // exactly 1 at 0 Hz
  return taps;
}

HalfBandUpsampler::HalfBandUpsampler(std::size_t half_length) : taps_(half_band_branch(half_length)) {
  for (double& tap : taps_) tap *= 2;
}

void HalfBandUpsampler::prepare(std::size_t maximum) {
  history_.assign(2 * taps_.size() + maximum, 0.0);
  between_.assign(maximum, 0.0);
}

void HalfBandUpsampler::reset() { std::fill(history_.begin(), history_.end(), 0.0); }

void HalfBandUpsampler::process(const double* in, std::size_t count, double* out) {
  const std::size_t m = taps_.size();
  std::copy_n(in, count, history_.begin() + 2 * m);
  fir_(history_.data() + m, between_.data(), count, taps_.data(), m);
  const double* late = history_.data() + m;
  for (std::size_t n = 0; n < count; ++n) {
    out[2 * n] = late[n];
    out[2 * n + 1] = between_[n];
  }
  shift(history_, 2 * m, count);
}

HalfBandDownsampler::HalfBandDownsampler(std::size_t half_length) : taps_(half_band_branch(half_length)) {}

void HalfBandDownsampler::prepare(std::size_t maximum) {
  even_.assign(2 * taps_.size() + maximum, 0.0);
  odd_.assign(2 * taps_.size() + maximum, 0.0);
  sum_.assign(maximum, 0.0);
}

void HalfBandDownsampler::reset() {
  std::fill(even_.begin(), even_.end(), 0.0);
  std::fill(odd_.begin(), odd_.end(), 0.0);
}

void HalfBandDownsampler::process(const double* in, std::size_t count, double* out) {
  const std::size_t m = taps_.size();
  for (std::size_t n = 0; n < count; ++n) {
    even_[2 * m + n] = in[2 * n];
    odd_[2 * m + n] = in[2 * n + 1];
  }
  fir_(odd_.data() + m - 1, sum_.data(), count, taps_.data(),
       m); // one sample late: the centre is v[2(n - M)]
  const double* late = even_.data() + m;
  for (std::size_t n = 0; n < count; ++n) out[n] = 0.5 * late[n] + sum_[n];
  shift(even_, 2 * m, count);
  shift(odd_, 2 * m, count);
}

} // namespace raphson::dsp
