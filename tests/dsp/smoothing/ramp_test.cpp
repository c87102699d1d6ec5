#include "catch.h"
#include "dsp/smoothing/ramp.h"

using namespace raphson;

TEST_CASE("Ramp: goes evenly in the value, or in its logarithm, and arrives to the bit") {
  dsp::Ramp linear(1), logarithmic(100, dsp::Scale::logarithmic);
  linear.aim(2, 10);
  logarithmic.aim(1000, 2);
  linear.advance();
  logarithmic.advance();
  CHECK(linear.value() == Approx(1.1));
  CHECK(linear.before() == 1);
  CHECK(logarithmic.value() == Approx(100 * std::sqrt(10.0)));
  for (int i = 0; i < 9; ++i) linear.advance();
  logarithmic.advance();
  CHECK(linear.value() == 2);
  CHECK(logarithmic.value() == 1000);
  CHECK(linear.moving()); // in the step just made
  linear.advance();
  CHECK_FALSE(linear.moving());
}

TEST_CASE("Ramp: the same target again does not start it again; another turns it from where it is") {
  dsp::Ramp ramp(0);
  ramp.aim(1, 4);
  ramp.advance();
  ramp.advance();
  ramp.aim(1, 4);
  ramp.advance();
  CHECK(ramp.value() == Approx(0.75));
  ramp.aim(0, 3);
  ramp.advance();
  CHECK(ramp.value() == Approx(0.5));
  ramp.jump(7);
  ramp.advance();
  CHECK(ramp.value() == 7);
  CHECK_FALSE(ramp.moving());
}

TEST_CASE("Line: reaches its end with the last sample of a cell, seen from anywhere") {
  const auto line = dsp::Line::through(2, 4, 8);
  CHECK(line.at(7) == Approx(4));
  CHECK(line.at(0) == Approx(2.25));
  CHECK(line.from(3).at(4) == Approx(4));
  CHECK(line.stretched(2).at(14) == Approx(4));
  CHECK(dsp::Line::through(3, 3, 8).always(3));
  CHECK_FALSE(line.always(2.25));
}
