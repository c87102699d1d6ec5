#include "catch.h"
#include "dsp/filters/first_order_shelf.h"
#include "dsp/filters/response.h"

using namespace raphson;
using dsp::FirstOrderLowShelf;

TEST_CASE("First-order low shelf: its gain at 0 Hz, none at half the rate, the prototype between") {
  for (const double rate : {44100.0, 96000.0})
    for (const double corner : {80.0, 1000.0, 12000.0})
      for (const double gain_db : {-40.0, -6.0, 0.0, 12.0}) {
        const FirstOrderLowShelf<double> shelf(corner, gain_db, rate);
        const double a = std::pow(10, gain_db / 20);
        CAPTURE(rate, corner, gain_db);
        CHECK(std::abs(test::response(shelf, 0, rate)) == Approx(a).epsilon(1e-9));
        CHECK(std::abs(test::response(shelf, rate / 2, rate)) == Approx(1).epsilon(1e-9));
        for (const double hz : {50.0, 700.0, 9000.0}) {
          const std::complex<double> s = test::warped(hz, corner, rate), expected = (s + a) / (s + 1.0);
          CHECK(std::abs(test::response(shelf, hz, rate) - expected) < 1e-9);
        }
      }
}

TEST_CASE("First-order low shelf: a corner above half the rate is held below it") {
  const FirstOrderLowShelf<double> shelf(1e6, -12, 8000);
  CHECK(std::abs(test::response(shelf, 0, 8000)) == Approx(std::pow(10, -12 / 20.0)));
}
