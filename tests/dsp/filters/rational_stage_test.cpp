#include "dsp/filters/rational_stage.h"

#include "catch.h"
#include "dsp/error.h"
#include "dsp/filters/rational_conversions.h"
#include "dsp/filters/response.h"

#include <cmath>
#include <vector>

using namespace raphson;
using namespace raphson::dsp;
using Complex = std::complex<double>;

namespace {

/// direct 0.9; a resonance at 200 Hz, two real poles, a resonance at 6 kHz; the fourth section off.
const std::vector<double> values{0.9,  200, 4,   0.8, -0.1, 2000, 0.1, -0.4, 0.2,
                                 6000, 1,   0.3, 0.1, 100,  0.5,  0,   0};

/// The analog prototype at the frequency the bilinear transform puts there: s in units of the section's
/// corner.
Complex by_prototype(double hz, double rate) {
  Complex h = values[0];
  for (std::size_t j = 0; j < 4; ++j) {
    const double corner = values[1 + 4 * j], q = values[2 + 4 * j];
    const Complex s = test::warped(hz, corner, rate);
    h += (values[3 + 4 * j] * s / q + values[4 + 4 * j]) / (s * s + s / q + 1.0);
  }
  return h;
}

} // namespace

TEST_CASE("A rational stage has the response of its analog prototype, at every rate") {
  for (const double rate : {44100.0, 48000.0, 96000.0})
    for (const double hz : {20.0, 200.0, 1000.0, 6000.0, 15000.0}) {
      INFO(rate << " " << hz);
      const RationalStage<double> stage(values, rate);
      CHECK(std::abs(test::response(stage, hz, rate) - by_prototype(hz, rate)) < 1e-8);
    }
}

TEST_CASE("Sections become a stage's values and back, to the same response") {
  const RationalSections<double> filter{0.7, {{-1.95, 0.9604, 0.02, -0.018}, {-0.3, -0.6, 0.1, 0.3}}};
  const std::vector<double> of = stage_values(filter, 48000);
  REQUIRE(of.size() == rational_parameters.size());
  for (const double hz : {20.0, 1000.0, 20000.0})
    CHECK(std::abs(test::response(RationalStage<double>(of, 48000), hz, 48000) - response(filter, hz, 48000))
          < 1e-9);
  CHECK(of[9 + 2] == 0); // what is not used is off
  CHECK(of[9 + 3] == 0);
  const RationalSections<double> five{1, std::vector<RationalSection<double>>(5, {0, 0.5, 1, 0})};
  CHECK_THROWS_AS(stage_values(five, 48000), InputError);
}

TEST_CASE(
    "A rational stage keeps its state when its values move, and holds frequencies below half the rate") {
  RationalStage<double> moved(values, 48000), made(values, 48000);
  for (int t = 0; t < 50; ++t) CHECK(moved(t % 5) == made(t % 5));
  moved.set(values, 48000);
  for (int t = 0; t < 50; ++t) CHECK(moved(t % 3) == made(t % 3));
  std::vector<double> high = values;
  high[1] = 20000;
  RationalStage<double> low_rate(high, 8000);
  for (int t = 0; t < 100; ++t) CHECK(std::isfinite(low_rate(1.0)));
}
