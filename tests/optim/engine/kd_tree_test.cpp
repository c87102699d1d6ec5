#include "optim/engine/kd_tree.h"

#include "catch.h"
#include "optim/engine/random.h"

#include <cmath>
#include <numeric>

using namespace raphson::optim;

namespace {

// Some points twice, and many on a lattice, where splits meet equal coordinates.
std::vector<double> cloud(int count, int dimension, bool lattice, std::uint64_t seed) {
  RandomStream random(seed, "k-d tree test");
  std::vector<double> points(static_cast<std::size_t>(count * dimension));
  for (double& x : points) x = lattice ? std::floor(random.uniform(0, 6)) : random.normal();
  return points;
}

double squared(const std::vector<double>& points, int dimension, int i, const std::vector<double>& centre) {
  double sum = 0;
  for (int k = 0; k < dimension; ++k)
    sum += (points[i * dimension + k] - centre[k]) * (points[i * dimension + k] - centre[k]);
  return sum;
}

} // namespace

TEST_CASE("k-d tree: what lies within a radius, and the nearest, are those of looking at every point") {
  for (const int dimension : {1, 2, 3, 6}) {
    for (const bool lattice : {false, true}) {
      const auto points = cloud(700, dimension, lattice, 3);
      const KdTree tree(points, dimension);
      const auto centres = cloud(60, dimension, lattice, 4);
      std::vector<int> found;
      for (int q = 0; q < 60; ++q) {
        const std::vector<double> centre(centres.begin() + q * dimension,
                                         centres.begin() + (q + 1) * dimension);
        const double radius = lattice ? q % 4 : 0.05 * q;
        std::vector<int> expected;
        int nearest = 0;
        for (int i = 0; i < 700; ++i) {
          if (squared(points, dimension, i, centre) <= radius * radius) expected.push_back(i);
          if (squared(points, dimension, i, centre) < squared(points, dimension, nearest, centre))
            nearest = i;
        }
        tree.within(centre, radius, found);
        CHECK(found == expected);
        CHECK(tree.nearest(centre) == nearest);
      }
    }
  }
}

TEST_CASE("k-d tree: many equal points, one point and none") {
  std::vector<double> same(2000, 0.25);
  const KdTree tree(same, 2);
  std::vector<int> found, all(1000);
  std::iota(all.begin(), all.end(), 0);
  tree.within(std::vector<double>{0.25, 0.25}, 0, found);
  CHECK(found == all);
  CHECK(tree.nearest(std::vector<double>{9, 9}) == 0);
  const KdTree none(std::vector<double>{}, 3);
  none.within(std::vector<double>{0, 0, 0}, 1e9, found);
  CHECK(found.empty());
  CHECK(none.nearest(std::vector<double>{0, 0, 0}) == -1);
}

TEST_CASE("k-d tree: values that are no points are refused") {
  CHECK_THROWS_AS(KdTree(std::vector<double>{1, 2, 3}, 2), std::invalid_argument);
  CHECK_THROWS_AS(KdTree(std::vector<double>{1, NAN}, 2), std::invalid_argument);
}
