#include "catch.h"
#include "dsp/filters/pre_emphasis.h"
#include "response.h"

#include <cmath>

using namespace raphson;

TEST_CASE("Pre-emphasis: impulse response 1, then (p - 1) p^(n-1)") {
  dsp::PreEmphasis<double> filter;
  CHECK(filter(1.0) == 1);
  for (int n = 1; n < 1000; ++n) CHECK(filter(0.0) == Approx(-0.005 * std::pow(0.995, n - 1)).epsilon(1e-11));
  filter.reset();
  double y = 0;
  for (int n = 0; n < 10000; ++n) y = filter(0.7);
  CHECK(std::abs(y) < 1e-15);
}

TEST_CASE("DC block: no DC, -3 dB at the corner, and at every frequency the bilinear s / (s + 1)") {
  for (const double rate : {44100.0, 96000.0})
    for (const double corner : {20.0, 500.0, 9000.0}) {
      const dsp::DcBlock<double> filter(corner, rate);
      CHECK(std::abs(test::response(filter, 0, rate)) < 1e-12);
      CHECK(std::norm(test::response(filter, corner, rate)) == Approx(0.5).epsilon(1e-10));
      for (const double f : {5.0, 100.0, 3000.0, 20000.0}) {
        const auto s = test::warped(f, corner, rate);
        CHECK(std::abs(test::response(filter, f, rate) - s / (s + 1.0)) < 1e-11);
      }
    }
}
