#include "catch.h"
#include "dsp/dynamics/detector.h"

#include <cmath>
#include <numbers>
#include <vector>

using namespace raphson;

TEST_CASE("Peak detector: the magnitude, held above -160 dB") {
  CHECK(dsp::PeakDetector{}(-0.25) == 0.25);
  CHECK(dsp::PeakDetector{}(0.0) == 1e-8);
  CHECK(dsp::PeakDetector{}(0.0f) == 1e-8f);
}

TEST_CASE("RMS detector: a step of height h reads h sqrt(1 - (1-c)^n), a sine its amplitude over sqrt 2") {
  const double c = 0.01;
  dsp::RmsDetector<double> rms(c);
  CHECK(rms(0.0) == Approx(1e-8));
  rms.reset();
  for (int n = 1; n <= 500; ++n)
    CHECK(rms(0.5) == Approx(0.5 * std::sqrt(1 - std::pow(1 - c, n))).epsilon(1e-12));

  rms.set(dsp::coefficient_from_ms(100.0, 44100));
  double level = 0;
  for (int n = 0; n < 44100; ++n) level = rms(0.8 * std::sin(2 * std::numbers::pi * 997 * n / 44100));
  CHECK(level == Approx(0.8 / std::numbers::sqrt2).epsilon(2e-3));
}

TEMPLATE_TEST_CASE("Detectors: each lane is the scalar", "", float, double) {
  constexpr int n = dsp::lane_count<TestType>(dsp::Isa::baseline);
  using Lanes = dsp::Lanes<TestType, n, dsp::Isa::baseline>;
  const TestType c(0.125);
  dsp::RmsDetector<Lanes> all{Lanes(c)};
  std::vector<dsp::RmsDetector<TestType>> each(n, dsp::RmsDetector<TestType>(c));
  for (int t = 0; t < 200; ++t) {
    Lanes x(TestType(0));
    for (int lane = 0; lane < n; ++lane) x.set(lane, static_cast<TestType>(std::sin(t * (lane + 1))));
    const Lanes peak = dsp::PeakDetector{}(x), rms = all(x);
    for (int lane = 0; lane < n; ++lane) {
      REQUIRE(peak[lane] == dsp::PeakDetector{}(x[lane]));
      REQUIRE(rms[lane] == each[lane](x[lane]));
    }
  }
}
