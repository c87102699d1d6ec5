#include "catch.h"
#include "dsp/model/interpolation.h"

#include <algorithm>
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

double monotone_at(const std::vector<double>& x, const std::vector<double>& y, double at) {
  const std::vector<double> slopes = monotone_slopes(x, y);
  const std::size_t right =
      std::clamp<std::size_t>(std::upper_bound(x.begin(), x.end(), at) - x.begin(), 1, x.size() - 1);
  const std::size_t left = right - 1;
  const double h = x[right] - x[left];
  return monotone_value((at - x[left]) / h, h, y[left], y[right], slopes[left], slopes[right]);
}

/// The data RPN 14 of Fritsch & Carlson (1980), on which a spline overshoots.
const std::vector<double> rpn_x{7.99, 8.09, 8.19, 8.7, 9.2, 10, 12, 15, 20},
    rpn_y{0, 0.276429e-4, 0.437498e-1, 0.169183, 0.469428, 0.943740, 0.998636, 0.999919, 0.999994};

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

TEST_CASE("Monotone interpolation is the cubic worked out by hand", "[model]") {
  // Chords 1 and 1/2 over 1 and 2: slopes 7/6 (parabola's), 9 / (5/1 + 4/0.5) = 9/13, 1/6.
  const std::vector<double> x{0, 1, 3}, y{0, 1, 2}, slopes = monotone_slopes(x, y);
  CHECK(slopes[0] == Approx(7.0 / 6).epsilon(1e-14));
  CHECK(slopes[1] == Approx(9.0 / 13).epsilon(1e-14));
  CHECK(slopes[2] == Approx(1.0 / 6).epsilon(1e-14));
  CHECK(monotone_at(x, y, 0.5) == Approx(0.5 + 37.0 / 624).epsilon(1e-14));
  CHECK(monotone_at(x, y, 2) == Approx(1.5 + 41.0 / 312).epsilon(1e-14));
  CHECK(monotone_slopes(std::vector{2.0}, std::vector{5.0}) == std::vector<double>{0});
}

TEST_CASE("Monotone slopes are those of SLATEC's PCHIM", "[model]") {
  const std::vector<double> slopes = monotone_slopes(rpn_x, rpn_y);
  for (std::size_t i = 1; i + 1 < rpn_x.size(); ++i) { // F. N. Fritsch's own way of writing it
    const double h0 = rpn_x[i] - rpn_x[i - 1], h1 = rpn_x[i + 1] - rpn_x[i], sum = h0 + h1;
    const double d0 = (rpn_y[i] - rpn_y[i - 1]) / h0, d1 = (rpn_y[i + 1] - rpn_y[i]) / h1;
    const double most = std::max(d0, d1), least = std::min(d0, d1);
    const double w0 = (sum + h0) / (3 * sum), w1 = (sum + h1) / (3 * sum);
    CHECK(slopes[i] == Approx(least / (w0 * d0 / most + w1 * d1 / most)).epsilon(1e-13));
  }
}

TEST_CASE("Monotone data stay monotone, a line a line, an extremum an extremum", "[model]") {
  double last = 0;
  for (double x = 7.99; x <= 20; x += 0.0037) {
    const double y = monotone_at(rpn_x, rpn_y, x);
    CHECK((y >= last && y <= rpn_y.back()));
    last = y;
  }
  const std::vector<double> x{-2, -1.5, 0.25, 1, 4, 4.5, 9};
  std::vector<double> line, bumpy{0, 3, 3, 1, 2, -4, -4};
  for (const double at : x) line.push_back(3 - 0.7 * at);
  for (double at = -2; at <= 9; at += 0.0371) {
    CHECK(monotone_at(x, line, at) == Approx(3 - 0.7 * at).epsilon(1e-13).margin(1e-13));
    const std::size_t right = std::upper_bound(x.begin(), x.end(), at) - x.begin();
    const auto [low, high] = std::minmax(bumpy[right - 1], bumpy[right]);
    const double y = monotone_at(x, bumpy, at);
    CHECK((y >= low && y <= high));
  }
}
