#include "dsp/filters/rational_stage.h"

#include "catch.h"
#include "dsp/allocation_count.h"
#include "dsp/error.h"
#include "dsp/filters/rational_conversions.h"
#include "dsp/filters/response.h"

#include <cmath>
#include <numbers>
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

namespace {

constexpr double fitted = 48000;

/// A resonance of this bandwidth, sampled as an analog one is.
RationalSection<double> resonance(double hz, double bandwidth_hz, double share) {
  const double radius = std::exp(-std::numbers::pi * bandwidth_hz / fitted),
               w = 2 * std::numbers::pi * hz / fitted;
  return {-2 * radius * std::cos(w), radius * radius, 2 * share * radius * std::sin(w), 0};
}

RationalSection<double> low_pass(double hz, double share) {
  const double pole = std::exp(-2 * std::numbers::pi * hz / fitted);
  return {-pole, 0, share * (1 - pole) * pole, 0};
}

/// The largest distance of the two responses in dB, 20 Hz to `highest_hz`.
template <class Filter>
double off_db(const Filter& stage, double rate, const RationalSections<double>& truth, double highest_hz) {
  double worst = 0;
  for (double hz = 20; hz < highest_hz; hz *= 1.05)
    worst = std::max(worst, std::abs(20
                                     * std::log10(std::abs(test::response(stage, hz, rate, 1 << 14))
                                                  / std::abs(response(truth, hz, fitted)))));
  return worst;
}

} // namespace

TEST_CASE("A rational stage fitted at one rate has at every other the response that it had there") {
  // A bump at 200 Hz, a broad one at 3 kHz, some bass less; and one-pole low-passes, 24 dB down at 20 kHz.
  const RationalSections<double> bumps{
      0.6, {low_pass(60, -0.5), resonance(200, 60, 0.01), resonance(3000, 2500, 0.2)}};
  const double pole = std::exp(-2 * std::numbers::pi * 1000 / fitted);
  const RationalSections<double> falling{1 - pole, {low_pass(1000, 1)}};
  for (const double rate : {44100.0, 96000.0, 192000.0}) {
    INFO(rate);
    CHECK(off_db(RationalStage<double>(stage_values(bumps, fitted), rate, fitted), rate, bumps, 19000) < 0.1);
    CHECK(off_db(RationalStage<double>(stage_values(falling, fitted), rate, fitted), rate, falling, 15000)
          < 0.1);
    CHECK(off_db(RationalStage<double>(stage_values(falling, fitted), rate), rate, falling, 15000)
          > 0.2); // as it was
  }
  CHECK(off_db(RationalStage<double>(stage_values(bumps, fitted), fitted, fitted), fitted, bumps, 20000)
        < 1e-6);
}

TEST_CASE("What the two taps of a moved stage are for: a low-pass at twice the rate, up to 20 kHz") {
  const double pole = std::exp(-2 * std::numbers::pi * 1000 / fitted);
  const RationalSections<double> falling{1 - pole, {low_pass(1000, 1)}};
  const std::vector<double> values_there = stage_values(falling, fitted);
  CHECK(off_db(RationalStage<double>(values_there, 96000, fitted), 96000, falling, 20000) < 0.35);
  const auto poles_alone = at_rate(falling, fitted, 96000);
  CHECK(std::abs(20
                 * std::log10(std::abs(response(poles_alone, 20000, 96000))
                              / std::abs(response(falling, 20000, fitted))))
        > 0.8);
  CHECK(off_db(RationalStage<double>(values_there, 96000), 96000, falling, 20000) > 1); // designed anew
}

TEST_CASE("Values for another rate are those of the filter moved there") {
  const RationalSections<double> bumps{
      0.6, {low_pass(60, -0.5), resonance(200, 60, 0.01), resonance(3000, 2500, 0.2)}};
  const std::vector<double> moved = stage_values_at_rate(stage_values(bumps, fitted), fitted, 96000);
  CHECK(off_db(RationalStage<double>(moved, 96000), 96000, bumps, 19000) < 0.1);
}

TEST_CASE("To move a rational stage to its rate allocates nothing", "[allocation]") {
  RationalStage<double> stage(values, 96000, 48000);
  const std::size_t before = allocation_count();
  stage.set(values, 96000, 48000);
  stage.set(values, 44100, 48000);
  CHECK(allocation_count() == before);
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
