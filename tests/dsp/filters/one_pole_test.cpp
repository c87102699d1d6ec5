#include "catch.h"
#include "dsp/filters/one_pole.h"
#include "response.h"

#include <cmath>

using namespace raphson;

TEST_CASE("One pole: impulse response c (1-c)^n and |H|^2 = c^2 / (1 - 2 (1-c) cos w + (1-c)^2)") {
  const double c = 0.05, p = 1 - c;
  dsp::OnePole<double> filter(c);
  for (int n = 0; n < 300; ++n)
    CHECK(filter(n == 0 ? 1.0 : 0.0) == Approx(c * std::pow(p, n)).epsilon(1e-12));
  for (const double w : {0.0, 0.01, 0.5, 3.0}) {
    const double magnitude = std::abs(test::response(filter, w, 2 * std::numbers::pi));
    CHECK(magnitude == Approx(c / std::sqrt(1 - 2 * p * std::cos(w) + p * p)).epsilon(1e-10));
  }
  filter.reset(0.5);
  CHECK(filter(0.5) == 0.5);
}

TEST_CASE("One pole from a corner: -3 dB there when it is low, decaying by e in rate / (2 pi f) samples") {
  const double rate = 48000, f = 20;
  const dsp::OnePole<double> filter(dsp::coefficient_from_hz(f, rate));
  CHECK(std::abs(test::response(filter, f, rate)) == Approx(std::sqrt(0.5)).epsilon(1e-4));
  CHECK(std::pow(1 - dsp::coefficient_from_hz(f, rate), rate / (2 * std::numbers::pi * f))
        == Approx(std::exp(-1)).epsilon(1e-9));
}
