#include "catch.h"

#include "optim/report/decimate.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <random>

using namespace raphson::optim::report;

namespace {
struct Extremes {
  double low = std::numeric_limits<double>::infinity(), high = -low;
  void include(double y) { low = std::min(low, y), high = std::max(high, y); }
  bool operator==(const Extremes&) const = default;
};
} // namespace

TEST_CASE("a decimated line has each column's extremes, first and last point", "[report]") {
  std::mt19937 random(7);
  std::normal_distribution<double> noise;
  LineDecimator decimator(0, 300);
  std::map<int, Extremes> expected, found;
  Point first{}, last{};
  constexpr int n = 200000;
  for (int i = 0; i < n; ++i) {
    const Point point{300.0 * i / n, noise(random)};
    if (i == 0) first = point;
    last = point;
    expected[static_cast<int>(point.x)].include(point.y);
    decimator.add(point);
  }
  const auto parts = decimator.take();
  REQUIRE(parts.size() == 1);
  for (const Point& point : parts[0]) found[static_cast<int>(point.x)].include(point.y);
  CHECK(found == expected);
  CHECK(parts[0].size() <= 4 * 300);
  CHECK(parts[0].front().y == first.y);
  CHECK(parts[0].back().y == last.y);
  CHECK(std::is_sorted(parts[0].begin(), parts[0].end(), [](Point a, Point b) { return a.x < b.x; }));
}

TEST_CASE("a short line keeps every point", "[report]") {
  LineDecimator decimator(0, 100);
  for (int i = 0; i < 50; ++i) decimator.add({2.0 * i, std::sin(i)});
  const auto parts = decimator.take();
  REQUIRE(parts.size() == 1);
  CHECK(parts[0].size() == 50);
}

TEST_CASE("NaN and infinities break a line; an empty one has no parts", "[report]") {
  LineDecimator decimator(0, 100);
  CHECK(decimator.take().empty());
  const double inf = std::numeric_limits<double>::infinity();
  for (const double y : {1.0, 2.0, std::nan(""), std::nan(""), 3.0, inf, 4.0, 5.0, 6.0})
    decimator.add({10 * y, y});
  const auto parts = decimator.take();
  REQUIRE(parts.size() == 3);
  CHECK(parts[0].size() == 2);
  CHECK(parts[1].size() == 1);
  CHECK(parts[2].size() == 3);
}

TEST_CASE("what lies outside the picture shrinks to two columns", "[report]") {
  LineDecimator decimator(0, 10);
  for (int i = -100000; i < 100000; ++i) decimator.add({i * 0.5, 1.0 * i});
  CHECK(decimator.take().at(0).size() < 60);
}

TEST_CASE("bands keep their outline, markers one a cell", "[report]") {
  BandDecimator band(0, 10);
  for (int i = 0; i < 1000; ++i) band.add({i * 0.01, -1.0 * (i % 100), 2.0 * (i % 100)});
  const auto parts = band.take();
  REQUIRE(parts.size() == 1);
  CHECK(parts[0].size() == 20);
  for (const BandPoint& point : parts[0]) {
    CHECK(point.low == -99);
    CHECK(point.high == 198);
  }
  MarkerDecimator markers(1);
  for (int i = 0; i < 10000; ++i) markers.add({(i % 100) * 0.1, (i / 100) * 0.1});
  markers.add({std::nan(""), 0});
  CHECK(markers.take().size() == 100);
}
