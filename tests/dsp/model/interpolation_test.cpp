#include "catch.h"
#include "dsp/model/interpolation.h"

#include <cmath>
#include <limits>
#include <numeric>

using namespace raphson::dsp;

namespace {

double at(const InterpolationAxis& axis, const std::vector<double>& y, double x) {
  std::vector<double> w(axis.size());
  axis.weights(x, w);
  return std::inner_product(w.begin(), w.end(), y.begin(), 0.0);
}

} // namespace

TEST_CASE("The spline is scipy's CubicSpline with its default ends", "[model]") {
  struct Case {
    std::vector<double> positions, values, x, expected; // expected: scipy 1.17.1
  };
  const std::vector<Case> cases{
      {{0, 1, 2.5, 2.75, 7, 11},
       {3, -1, 4, 1, -5, 9},
       {2.213, 4.413, 6.613, 8.813},
       {5.603547651963172, -10.976477512144625, -6.97932977520364, 4.9801999629986575}},
      {{0, 0.5, 3, 3.2},
       {0, 1, -1, 2},
       {0.653, 1.293, 1.933, 2.573},
       {0.7155535364166669, -2.0822146235833303, -4.986243642842588, -4.6614792991388825}},
      {{0, 1, 4}, {1, 2, -3}, {0.813, 1.613, 3.213}, {1.914354, 1.9538206666666669, -0.527246}},
      {{1, 3}, {2, 8}, {1.413, 2.613}, {3.239, 6.839}},
      {{5}, {2}, {4, 5, 6}, {2, 2, 2}},
  };
  for (const Case& c : cases) {
    const InterpolationAxis axis(c.positions, Interpolation::spline);
    for (std::size_t i = 0; i < c.x.size(); ++i)
      CHECK(at(axis, c.values, c.x[i]) == Approx(c.expected[i]).epsilon(1e-12));
  }
}

TEST_CASE("Four positions and more give back any cubic, two a line", "[model]") {
  const std::vector<double> positions{-2, -1.5, 0.25, 1, 4, 4.5, 9};
  const auto cubic = [](double x) { return 0.3 * x * x * x - 2 * x * x + x - 7; };
  const auto line = [](double x) { return 3 - 0.7 * x; };
  std::vector<double> cubic_values, line_values;
  for (const double x : positions) {
    cubic_values.push_back(cubic(x));
    line_values.push_back(line(x));
  }
  const InterpolationAxis spline(positions, Interpolation::spline), linear(positions, Interpolation::linear);
  for (double x = -2; x <= 9; x += 0.0371) {
    CHECK(at(spline, cubic_values, x) == Approx(cubic(x)).epsilon(1e-12).margin(1e-11));
    CHECK(at(linear, line_values, x) == Approx(line(x)).epsilon(1e-13).margin(1e-13));
  }
  CHECK(at(linear, {0, 1, 5, 0, 0, 0, 0}, 0.25 - 1.75 / 4) == Approx(4).epsilon(1e-15));
}

TEST_CASE("Weights are exact on positions and hold beyond the ends", "[model]") {
  for (const Interpolation kind : {Interpolation::linear, Interpolation::spline}) {
    const InterpolationAxis axis({0.1, 0.3, 0.7, 1.9, 2.3}, kind);
    std::vector<double> w(5);
    for (std::size_t i = 0; i < 5; ++i) {
      CHECK(axis.weights(axis.positions()[i], w));
      for (std::size_t j = 0; j < 5; ++j) CHECK(w[j] == (i == j ? 1.0 : 0.0));
    }
    CHECK_FALSE(axis.weights(0.31, w));
    CHECK(std::accumulate(w.begin(), w.end(), 0.0) == Approx(1).epsilon(1e-14));
    const double infinity = std::numeric_limits<double>::infinity();
    for (const double x : {-1.0, -infinity, std::nan("")}) CHECK((axis.weights(x, w) && w.front() == 1));
    for (const double x : {2.4, infinity}) CHECK((axis.weights(x, w) && w.back() == 1));
  }
}
