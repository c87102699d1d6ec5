#include "catch.h"

#include "optim/engine/line_search.h"

#include <cmath>

using namespace raphson::optim;

TEST_CASE("Armijo halves until the decrease suffices") {
  // phi = (1 - 8 t)^2 falls below 1 - 16 alpha t for t < (2 - 2 alpha) / 8: 1 and 1/2 are too long, 1/4 is
  // just too long for any alpha > 0, and 1/8 is the minimum.
  int evaluations = 0;
  const auto phi = [&](double t) {
    ++evaluations;
    return (1 - 8 * t) * (1 - 8 * t);
  };
  const auto found = armijo(phi, 1, -16, 0, {});
  REQUIRE(found);
  CHECK(found->step == 0.125);
  CHECK(found->value == 0);
  CHECK(evaluations == 4);
}

TEST_CASE("Armijo shortens over values that are not finite and gives up after its halvings") {
  const auto wall = [](double t) { return t > 0.3 ? std::nan("") : 1 - t; };
  CHECK(armijo(wall, 1, -1, 0, {})->step == 0.25);
  int evaluations = 0;
  const auto uphill = [&](double t) {
    ++evaluations;
    return 1 + t;
  };
  CHECK(!armijo(uphill, 1, -1, 0, {}));
  CHECK(evaluations == 21);
}

TEST_CASE("Armijo descends along negative curvature where the slope vanishes") {
  const auto phi = [](double t) { return 0.25 * std::pow(t, 4) - 0.5 * t * t; };
  const auto found = armijo(phi, 0, 0, -1, {.first_step = 2});
  REQUIRE(found);
  CHECK(found->step == 1);
}

namespace {

// The three functions of J. J. More & D. J. Thuente, "Line search algorithms with guaranteed sufficient
// decrease", ACM Trans. Math. Software 20 (1994), equations 5.1 to 5.3.
LinePoint concave(double t) {
  const double b = 2, d = t * t + b;
  return {.step = t, .value = -t / d, .slope = (t * t - b) / (d * d)};
}
LinePoint steep(double t) {
  const double b = 0.004, s = t + b;
  return {
      .step = t, .value = std::pow(s, 5) - 2 * std::pow(s, 4), .slope = 5 * std::pow(s, 4) - 8 * s * s * s};
}
LinePoint wiggly(double t) {
  const double b = 0.01, l = 39, pi = 3.14159265358979323846;
  double base = 0, base_slope = 0;
  if (t <= 1 - b) {
    base = 1 - t;
    base_slope = -1;
  } else if (t >= 1 + b) {
    base = t - 1;
    base_slope = 1;
  } else {
    base = (t - 1) * (t - 1) / (2 * b) + b / 2;
    base_slope = (t - 1) / b;
  }
  return {.step = t,
          .value = base + 2 * (1 - b) / (l * pi) * std::sin(l * pi * t / 2),
          .slope = base_slope + (1 - b) * std::cos(l * pi * t / 2)};
}

} // namespace

TEST_CASE("Strong Wolfe conditions hold on the functions of More and Thuente from any first step") {
  for (const auto& phi : {concave, steep, wiggly})
    for (const double first : {1e-3, 1e-1, 1e1, 1e3})
      for (const double curvature : {0.1, 0.9}) {
        const WolfeOptions options{.sufficient_decrease = 1e-3,
                                   .curvature = curvature,
                                   .maximum_evaluations = 60,
                                   .value_noise = 1e-15};
        const LinePoint origin = phi(0);
        int evaluations = 0;
        const auto counted = [&](double t) {
          ++evaluations;
          return phi(t);
        };
        const auto found = strong_wolfe(counted, origin, first, options);
        REQUIRE(found);
        CHECK(found->value <= origin.value + 1e-3 * found->step * origin.slope + 1e-15);
        CHECK(std::abs(found->slope) <= curvature * std::abs(origin.slope));
        CHECK(evaluations < 40);
      }
}

TEST_CASE("Strong Wolfe search respects a longest step and a wall of NaN") {
  const auto down = [](double t) { return LinePoint{.step = t, .value = -t, .slope = -1}; };
  CHECK(strong_wolfe(down, down(0), 1, {.maximum_step = 5})->step == 5);
  const auto wall = [](double t) {
    const double value = t > 1.5 ? std::nan("") : (t - 1) * (t - 1);
    return LinePoint{.step = t, .value = value, .slope = t > 1.5 ? std::nan("") : 2 * (t - 1)};
  };
  const auto found = strong_wolfe(wall, wall(0), 100, {});
  REQUIRE(found);
  CHECK(std::abs(found->slope) <= 0.9 * 2);
  const auto up = [](double t) { return LinePoint{.step = t, .value = t, .slope = -1}; };
  CHECK(!strong_wolfe(up, up(0), 1, {}));
}
