#include "catch.h"
#include "dsp/units.h"
#include "optim/autodiff/jet.h"

#include <cmath>

using namespace raphson;
using namespace raphson::dsp::literals;

TEST_CASE("Decibels: +20 dB is ten times, 6.0206 dB twice the amplitude, and back") {
  CHECK(dsp::db_to_gain(20.0) == Approx(10).epsilon(1e-14));
  CHECK(dsp::db_to_gain(0.0) == 1);
  CHECK(dsp::db_to_gain(20 * std::log10(2.0)) == Approx(2).epsilon(1e-14));
  CHECK(dsp::gain_to_db(0.001) == Approx(-60).epsilon(1e-14));
  for (const double db : {-160.0, -12.5, 0.1, 40.0}) {
    CHECK(dsp::gain_to_db(dsp::db_to_gain(db)) == Approx(db).epsilon(1e-13));
    CHECK(dsp::gain_to_db(dsp::db_to_gain(static_cast<float>(db))) == Approx(db).epsilon(1e-5));
  }
}

TEST_CASE("A time in ms is the rise of the one-pole's step from 10% to 90%") {
  for (const double ms : {1.0, 10.0, 300.0}) {
    const double rate = 192000, c = dsp::coefficient_from_ms(ms, rate);
    double y = 0, from = 0, to = 0;
    for (int n = 1; to == 0; ++n) {
      y += c * (1 - y);
      if (from == 0 && y >= 0.1) from = n;
      if (y >= 0.9) to = n;
    }
    CHECK((to - from) / rate * 1000 == Approx(ms * std::log(9) / 2.2).margin(2000 / rate)); // ln 9 = 2.197
    CHECK(dsp::ms_from_coefficient(c, rate) == Approx(ms).epsilon(1e-9));
  }
}

TEST_CASE("A coefficient keeps its digits in float, whose long releases are close to 1 - 1") {
  for (const float ms : {0.05f, 20.0f, 5000.0f}) {
    const double truth = -std::expm1(-2200.0 / (44100.0 * ms));
    CHECK(dsp::coefficient_from_ms(ms, 44100) == Approx(truth).epsilon(1e-7));
    CHECK(dsp::coefficient_from_ms(static_cast<double>(ms), 44100) == Approx(truth).epsilon(1e-10));
  }
}

TEST_CASE("Units differentiate: d gain / d dB = gain ln 10 / 20, dc / d ms = -2200 / (rate ms^2) e^(-2200 / "
          "(rate ms))") {
  using Jet = optim::Jet<double, 1>;
  const Jet gain = dsp::db_to_gain(Jet::variable(-6, 0));
  CHECK(gain.g[0] == Approx(gain.v * std::log(10.0) / 20).epsilon(1e-14));
  const Jet c = dsp::coefficient_from_ms(Jet::variable(5, 0), 44100);
  const double x = 2200.0 / (44100 * 5);
  CHECK(c.g[0] == Approx(-x / 5 * std::exp(-x)).epsilon(1e-13));
}

TEST_CASE("Literals carry their unit into the conversions") {
  CHECK(dsp::db_to_gain(-20_db) == Approx(0.1).epsilon(1e-14));
  CHECK(dsp::coefficient_from_ms(2.5_ms, 48000) == dsp::coefficient_from_ms(2.5, 48000));
  CHECK(dsp::radians_per_sample(12000_hz, 48000) == Approx(std::acos(-1) / 2).epsilon(1e-15));
  STATIC_REQUIRE(!std::is_convertible_v<dsp::Milliseconds, dsp::Decibels>);
}
