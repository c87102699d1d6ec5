#include "catch.h"
#include "dsp/allocation_count.h"
#include "dsp/error.h"
#include "dsp/spectrum/real_fft.h"

#include <cmath>
#include <numbers>
#include <vector>

using raphson::dsp::RealFft;
using Complex = std::complex<double>;

namespace {

std::vector<double> noise(std::size_t length) {
  std::vector<double> x(length);
  unsigned state = 1;
  for (double& value : x)
    value = static_cast<double>(state = state * 1664525u + 1013904223u) / 4294967296.0 - 0.5;
  return x;
}

/// The definition, in O(n^2).
std::vector<Complex> transform(const std::vector<double>& x) {
  std::vector<Complex> bins(x.size() / 2 + 1);
  for (std::size_t k = 0; k < bins.size(); ++k)
    for (std::size_t t = 0; t < x.size(); ++t)
      bins[k] += std::polar(x[t], -2 * std::numbers::pi * static_cast<double>(k * t % x.size())
                                      / static_cast<double>(x.size()));
  return bins;
}

} // namespace

TEST_CASE("The FFT is the transform of its definition, for lengths of every kind, and is undone") {
  for (const std::size_t length : {2, 3, 4, 5, 7, 8, 12, 30, 97, 100, 128, 200, 210, 256, 441}) {
    INFO(length);
    const std::vector<double> x = noise(length);
    RealFft fft(length);
    std::vector<Complex> bins(fft.bins());
    fft.forward(x, bins);
    const std::vector<Complex> expected = transform(x);
    REQUIRE(bins.size() == expected.size());
    for (std::size_t k = 0; k < bins.size(); ++k)
      CHECK(std::abs(bins[k] - expected[k]) < 1e-13 * std::sqrt(length) * 10);
    bins.front().imag(3); // not read
    if (length % 2 == 0) bins.back().imag(3);
    std::vector<double> back(length);
    fft.inverse(bins, back);
    for (std::size_t t = 0; t < length; ++t) CHECK(back[t] == Approx(x[t]).margin(1e-14));
  }
}

TEST_CASE("The FFT allocates nothing after its first transform") {
  for (const std::size_t length : {200, 201, 256}) {
    const std::vector<double> x = noise(length);
    RealFft fft(length);
    std::vector<Complex> bins(fft.bins());
    std::vector<double> back(length);
    fft.forward(x, bins);
    fft.inverse(bins, back);
    const std::size_t before = allocation_count();
    fft.forward(x, bins);
    fft.inverse(bins, back);
    CHECK(allocation_count() == before);
  }
  CHECK_THROWS_AS(RealFft(1), raphson::InputError);
}
