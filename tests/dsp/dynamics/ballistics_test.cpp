#include "catch.h"
#include "dsp/dynamics/ballistics.h"
#include "optim/autodiff/jet.h"

#include <cmath>
#include <random>
#include <vector>

using namespace raphson;

namespace {

std::vector<double> random_gains(std::size_t count, unsigned seed) {
  std::mt19937 generator(seed);
  std::uniform_real_distribution<double> gain(0.05, 1);
  std::vector<double> f(count);
  for (double& x : f) x = gain(generator);
  return f;
}

} // namespace

TEST_CASE("Ballistics: a step down approaches by attack, a step up by release, geometrically") {
  const double attack = 0.1, release = 0.01;
  dsp::AttackRelease<double> smooth(attack, release);
  double g = 1;
  for (int n = 1; n <= 200; ++n) {
    g = smooth(0.25);
    CHECK(g == Approx(0.25 + 0.75 * std::pow(1 - attack, n)).epsilon(1e-13));
  }
  smooth.reset(g);
  for (int n = 1; n <= 200; ++n)
    CHECK(smooth(1) == Approx(1 - (1 - g) * std::pow(1 - release, n)).epsilon(1e-13));
  smooth.reset();
  CHECK(smooth(1) == 1);
}

TEST_CASE(
    "Ballistics: the choice is the minimum of both candidates for attack >= release, else the maximum") {
  const std::vector<double> f = random_gains(4000, 1);
  for (const auto& [attack, release] : {std::pair{0.2, 0.001}, {0.03, 0.03}, {0.001, 0.5}, {1.0, 0.0001}}) {
    dsp::AttackRelease<double> smooth(attack, release);
    double g = 1;
    for (const double target : f) {
      const double attacked = g + attack * (target - g), released = g + release * (target - g);
      g = attack >= release ? std::fmin(attacked, released) : std::fmax(attacked, released);
      REQUIRE(smooth(target) == g);
    }
  }
}

TEST_CASE("Ballistics: derivatives in both coefficients against central differences") {
  using Jet = optim::Jet<double, 2>;
  const std::vector<double> f = random_gains(50, 2);
  const auto run = [&](auto attack, auto release) {
    dsp::AttackRelease smooth(attack, release);
    decltype(attack) sum(0.0);
    for (const double target : f) sum = sum + smooth(decltype(attack)(target));
    return sum;
  };
  const double a = 0.11, r = 0.07, h = 1e-6;
  const Jet sum = run(Jet::variable(a, 0), Jet::variable(r, 1));
  CHECK(sum.v == run(a, r));
  CHECK(sum.g[0] == Approx((run(a + h, r) - run(a - h, r)) / (2 * h)).epsilon(1e-7));
  CHECK(sum.g[1] == Approx((run(a, r + h) - run(a, r - h)) / (2 * h)).epsilon(1e-7));
}

TEST_CASE("Ballistics: each lane is the scalar") {
  using Lanes = dsp::Lanes<double, 2, dsp::Isa::baseline>;
  const std::vector<double> left = random_gains(500, 3), right = random_gains(500, 4);
  dsp::AttackRelease<Lanes> both(Lanes(0.2), Lanes(0.01));
  dsp::AttackRelease<double> one(0.2, 0.01), two(0.2, 0.01);
  for (std::size_t n = 0; n < left.size(); ++n) {
    Lanes f(left[n]);
    f.set(1, right[n]);
    const Lanes g = both(f);
    REQUIRE(g[0] == one(left[n]));
    REQUIRE(g[1] == two(right[n]));
  }
}
