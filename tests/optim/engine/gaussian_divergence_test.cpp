#include "optim/engine/gaussian_divergence.h"

#include "catch.h"
#include "dsp/error.h"

#include <cmath>

using namespace raphson;
using namespace raphson::optim;

namespace {

double log_density(double x, double mean, double variance) {
  return -(x - mean) * (x - mean) / (2 * variance) - std::log(2 * 3.14159265358979324 * variance) / 2;
}

// By the trapezium rule, which converges exponentially here.
double integrated(double order, double mean_p, double variance_p, double mean_q, double variance_q) {
  double sum = 0;
  for (double x = -40; x <= 40; x += 0.01) {
    const double p = log_density(x, mean_p, variance_p), q = log_density(x, mean_q, variance_q);
    sum += 0.01 * std::exp(order * p + (1 - order) * q);
  }
  return std::log(sum) / (order - 1);
}

Gaussian law(double mean, double variance) {
  return {Vector::Constant(1, mean), Matrix::Constant(1, 1, variance)};
}

} // namespace

TEST_CASE("Renyi divergence of normal laws is the integral") {
  for (const double order : {0.5, 1.5, 2.0, 4.0}) {
    CHECK(gaussian_renyi(order, law(0.3, 1), law(-0.4, 2))
          == Approx(integrated(order, 0.3, 1, -0.4, 2)).epsilon(1e-8));
    CHECK(gaussian_renyi(order, law(1, 1.5), law(0, 1.5))
          == Approx(integrated(order, 1, 1.5, 0, 1.5)).epsilon(1e-8));
    CHECK(gaussian_renyi(order, law(1, 1.5), law(0, 1.5))
          == Approx(gaussian_renyi(order, 1, 1.5)).epsilon(1e-12));
  }
}

TEST_CASE("Renyi divergence adds up over independent coordinates, whatever the axes") {
  Matrix turn(2, 2);
  turn << std::cos(0.7), -std::sin(0.7), std::sin(0.7), std::cos(0.7);
  const auto turned = [&](double m1, double v1, double m2, double v2) {
    const Vector mean{{m1, m2}}, variance{{v1, v2}};
    return Gaussian{turn * mean, turn * variance.asDiagonal() * turn.transpose()};
  };
  const double both = gaussian_renyi(3, turned(1, 0.5, -1, 2), turned(0, 1, 0.5, 3));
  CHECK(both
        == Approx(gaussian_renyi(3, law(1, 0.5), law(0, 1)) + gaussian_renyi(3, law(-1, 2), law(0.5, 3)))
               .epsilon(1e-12));
}

TEST_CASE("Renyi divergence: infinite where the tails outweigh, refused where there is none") {
  CHECK(std::isinf(gaussian_renyi(3, law(0, 2), law(0, 1))));
  CHECK_THROWS_AS(gaussian_renyi(2, law(0, -1), law(0, 1)), InputError);
}
