#include "optim/tools/growth.h"

#include "catch.h"

#include <cmath>

using namespace raphson::optim::tools;

TEST_CASE("Growth: the exponent of a power of the size, whatever its factor", "[growth]") {
  Growth growth{"cost"};
  for (const double size : {3.0, 40.0, 500.0, 7000.0}) growth.add(size, 1e-6 * std::pow(size, 1.5));
  CHECK(growth.exponent() == Approx(1.5).epsilon(1e-12));
}

TEST_CASE("Growth: the exponent is that of the line through all points", "[growth]") {
  // log cost by log size: 0, 0, 1 at -1, 0, 1; least squares has the slope 1/2, the ends' too.
  Growth growth{"cost"};
  growth.add(std::exp(-1), 1);
  growth.add(1, 1);
  growth.add(std::exp(1), std::exp(1));
  CHECK(growth.exponent() == Approx(0.5).epsilon(1e-12));
}
