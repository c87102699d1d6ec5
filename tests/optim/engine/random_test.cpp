#include "catch.h"

#include "optim/engine/random.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <vector>

using namespace raphson::optim;

// Vectors of the reference implementations: SplitMix64 from 1234567, xoshiro256++ from state 1, 2, 3, 4.
TEST_CASE("Random bits are those of the published generators") {
  std::uint64_t state = 1234567;
  for (const std::uint64_t expected : {6457827717110365317u, 3203168211198807973u, 9817491932198370423u,
                                       4593380528125082431u, 16408922859458223821u})
    CHECK(split_mix(state) == expected);
  Xoshiro256 engine({1, 2, 3, 4});
  for (const std::uint64_t expected : {41943041u, 58720359u}) CHECK(engine() == expected);
  for (const std::uint64_t expected :
       {3588806011781223u, 3591011842654386u, 9228616714210784205u, 9973669472204895162u})
    CHECK(engine() == expected);
}

TEST_CASE("A stream depends on seed and name alone") {
  const auto draw = [](std::uint64_t seed, std::string_view name) {
    RandomStream stream(seed, name);
    std::vector<std::uint64_t> bits(4);
    for (auto& b : bits) b = stream();
    return bits;
  };
  CHECK(draw(1, "starts") == draw(1, "starts"));
  CHECK(draw(1, "starts") != draw(2, "starts"));
  CHECK(draw(1, "starts") != draw(1, "start"));
}

// p = (1 + erf(x / sqrt 2)) / 2, the C library's error function, down to the tails.
TEST_CASE("Normal quantile inverts the normal distribution") {
  for (const double p : {1e-300, 1e-100, 1e-20, 1e-12, 1e-5, 0.01, 0.0749, 0.0751, 0.2, 0.4, 0.5}) {
    const double x = normal_quantile(p);
    CHECK(0.5 * std::erfc(-x / std::sqrt(2.0)) == Approx(p).epsilon(1e-12));
  }
  for (const double p : {0.01, 0.25, 0.4999}) CHECK(normal_quantile(1 - p) == Approx(-normal_quantile(p)));
  CHECK(normal_quantile(0.975) == Approx(1.959963984540054).epsilon(1e-15));
}

TEST_CASE("Uniform and normal numbers have their moments") {
  for (const std::uint64_t seed : {0, 1, 2}) {
    RandomStream stream(seed, "moments");
    const int n = 100000;
    double uniform = 0, mean = 0, square = 0, fourth = 0;
    for (int i = 0; i < n; ++i) {
      uniform += stream.uniform(2, 4) / n;
      const double z = stream.normal();
      mean += z / n;
      square += z * z / n;
      fourth += z * z * z * z / n;
    }
    // Five standard deviations of each mean.
    CHECK(std::abs(uniform - 3) < 5 * std::sqrt(4.0 / 12 / n));
    CHECK(std::abs(mean) < 5 * std::sqrt(1.0 / n));
    CHECK(std::abs(square - 1) < 5 * std::sqrt(2.0 / n));
    CHECK(std::abs(fourth - 3) < 5 * std::sqrt(96.0 / n));
  }
}

TEST_CASE("Indices are uniform and shuffles permute") {
  RandomStream stream(5, "indices");
  std::vector<int> counts(7, 0);
  for (int i = 0; i < 70000; ++i) ++counts[stream.index(7)];
  double chi_squared = 0;
  for (const int c : counts) chi_squared += (c - 10000.0) * (c - 10000.0) / 10000;
  CHECK(chi_squared < 30); // 6 degrees of freedom: exceeded with probability 4e-5

  std::vector<int> order(100);
  std::iota(order.begin(), order.end(), 0);
  const std::vector<int> sorted = order;
  stream.shuffle(order);
  CHECK(order != sorted);
  CHECK(std::is_permutation(order.begin(), order.end(), sorted.begin()));
}

// The whole chain from seed to numbers, computed separately with exact integers and 60-digit decimals.
TEST_CASE("A seed and a name give these numbers on every platform") {
  RandomStream stream(42, "golden");
  CHECK(stream() == 7574432624674544614u);
  CHECK(stream.uniform() == 0x1.ec297bd1f1b60p-1);
  CHECK(stream.normal() == Approx(-0.4643466216837119).epsilon(4e-16));
}
