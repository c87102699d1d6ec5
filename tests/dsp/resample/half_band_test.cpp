#include "catch.h"
#include "dsp/resample/half_band.h"
#include "dsp/resample/oversampler.h"

#include <algorithm>
#include <cmath>
#include <numbers>

using namespace raphson;

namespace {

/// |H| at a frequency in cycles a sample of the higher rate, from the taps.
double response(const std::vector<double>& branch, double frequency) {
  double h = 0.5;
  for (std::size_t j = 0; j < branch.size(); ++j)
    h += 2 * branch[j] * std::cos(2 * std::numbers::pi * frequency * (2 * static_cast<double>(j) + 1));
  return std::abs(h);
}

std::vector<double> noise(std::size_t count) {
  std::vector<double> x(count);
  unsigned state = 12345;
  for (double& v : x) v = static_cast<double>(state = state * 1664525u + 1013904223u) / 4294967296.0 - 0.5;
  return x;
}

/// v filtered by all 4 M + 1 taps, from silence.
std::vector<double> filtered(const std::vector<double>& v, const std::vector<double>& branch) {
  const std::size_t m = branch.size();
  std::vector<double> h(4 * m + 1);
  h[2 * m] = 0.5;
  for (std::size_t j = 0; j < m; ++j) h[2 * m - 2 * j - 1] = h[2 * m + 2 * j + 1] = branch[j];
  std::vector<double> y(v.size());
  for (std::size_t n = 0; n < v.size(); ++n)
    for (std::size_t k = 0; k <= std::min(n, 4 * m); ++k) y[n] += h[k] * v[n - k];
  return y;
}

} // namespace

TEST_CASE("Half-band: 100 dB down in the stop band, flat in the pass band") {
  for (const std::size_t m : {12u, 36u}) {
    const auto branch = dsp::half_band_branch(m);
    CHECK(response(branch, 0) == Approx(1).epsilon(1e-15));
    CHECK(response(branch, 0.25) == Approx(0.5).epsilon(1e-15));
    double stop = 0, ripple = 0;
    const double edge = 0.82 / static_cast<double>(m);
    for (double f = 0.25 + edge; f <= 0.5; f += 1e-4) {
      stop = std::max(stop, response(branch, f));
      ripple = std::max(ripple, std::abs(response(branch, 0.5 - f) - 1));
    }
    CAPTURE(m);
    CHECK(20 * std::log10(stop) < -100);
    CHECK(20 * std::log10(ripple) < -100);
  }
}

TEST_CASE("Half-band: up and down are the whole filter, in blocks of any size") {
  constexpr std::size_t m = 9, count = 500;
  const auto branch = dsp::half_band_branch(m);
  const auto x = noise(count), v = noise(2 * count);
  std::vector<double> stuffed(2 * count), up(2 * count), down(count);
  for (std::size_t n = 0; n < count; ++n) stuffed[2 * n] = 2 * x[n];

  dsp::HalfBandUpsampler upsampler(m);
  dsp::HalfBandDownsampler downsampler(m);
  upsampler.prepare(100);
  downsampler.prepare(100);
  for (std::size_t from = 0, k = 0; from < count; ++k) {
    const std::size_t n = std::min(std::vector<std::size_t>{1, 100, 7, 33, 64}[k % 5], count - from);
    upsampler.process(x.data() + from, n, up.data() + 2 * from);
    downsampler.process(v.data() + 2 * from, n, down.data() + from);
    from += n;
  }
  const auto expected_up = filtered(stuffed, branch), expected_down = filtered(v, branch);
  for (std::size_t n = 0; n < 2 * count; ++n) REQUIRE(up[n] == Approx(expected_up[n]).margin(1e-13));
  for (std::size_t n = 0; n < count; ++n) REQUIRE(down[n] == Approx(expected_down[2 * n]).margin(1e-13));
}

TEST_CASE("Symmetric FIR: every instruction set gives the sum") {
  constexpr std::size_t m = 5, count = 61;
  const auto x = noise(count + 2 * m), taps = noise(m);
  for (const dsp::Isa isa : {dsp::Isa::baseline, dsp::detect_isa()}) {
    std::vector<double> y(count);
    dsp::symmetric_fir(isa)(x.data() + m, y.data(), count, taps.data(), m);
    for (std::size_t t = 0; t < count; ++t) {
      double sum = 0;
      for (std::size_t j = 0; j < m; ++j) sum += taps[j] * (x[m + t - j] + x[m + t + 1 + j]);
      REQUIRE(y[t] == Approx(sum).margin(1e-14));
    }
  }
}

TEST_CASE("Oversampler: up and down again, late by a whole number of samples") {
  constexpr std::size_t count = 2000;
  for (const std::size_t factor : {2u, 4u}) {
    std::vector<double> x(count), high(factor * count), y(count);
    for (std::size_t t = 0; t < count; ++t)
      x[t] = std::sin(0.1 * static_cast<double>(t))
             + 0.5 * std::sin(2.7 * static_cast<double>(t)); // 0.43 of the rate
    dsp::Oversampler oversampler;
    oversampler.prepare(count);
    oversampler.up(factor, x.data(), count, high.data());
    oversampler.down(factor, high.data(), count, y.data());
    const std::size_t latency = dsp::Oversampler::latency_samples(factor);
    for (std::size_t t = 500; t < count; ++t) REQUIRE(y[t] == Approx(x[t - latency]).margin(1e-4));
    oversampler.reset();
    oversampler.up(factor, x.data(), 1, high.data());
    oversampler.down(factor, high.data(), 1, y.data());
    CHECK(std::abs(y[0]) < 1e-6);
  }
}
