#include "optim/engine/complex_fourier.h"

#include "catch.h"
#include "dsp/error.h"
#include "optim/engine/random.h"

#include <array>
#include <cmath>
#include <numbers>

using namespace raphson;
using namespace raphson::optim;

TEST_CASE("A complex transform along any axis is the sum that defines it") {
  const std::array<std::size_t, 3> shape{3, 5, 14};
  RandomStream random(1, "complex transform");
  std::vector<std::complex<double>> array(3 * 5 * 14);
  for (auto& value : array) value = {random.normal(), random.normal()};
  const std::size_t strides[] = {70, 14, 1};
  for (std::size_t axis = 0; axis < 3; ++axis) {
    auto transformed = array;
    transform(transformed, shape, axis, Direction::forward);
    double off = 0;
    for (std::size_t at = 0; at < array.size(); ++at) {
      const std::size_t k = at / strides[axis] % shape[axis], start = at - k * strides[axis];
      std::complex<double> sum = 0;
      for (std::size_t n = 0; n < shape[axis]; ++n)
        sum += array[start + n * strides[axis]]
               * std::polar(1.0, -2 * std::numbers::pi * static_cast<double>(k * n)
                                     / static_cast<double>(shape[axis]));
      off = std::max(off, std::abs(sum - transformed[at]));
    }
    CHECK(off < 1e-12);
    transform(transformed, shape, axis, Direction::inverse);
    for (std::size_t at = 0; at < array.size(); ++at)
      off = std::max(off, std::abs(array[at] - transformed[at]));
    CHECK(off < 1e-12);
  }
  CHECK_THROWS_AS(transform(array, shape, 3, Direction::forward), InputError);
}

TEST_CASE("Angular frequencies are in the order of a transform's bins") {
  const auto f = angular_frequencies(5, 0.5);
  const double unit = 2 * std::numbers::pi / 2.5;
  const double expected[] = {0, unit, 2 * unit, -2 * unit, -unit};
  for (std::size_t i = 0; i < 5; ++i) CHECK(f[i] == Approx(expected[i]));
  CHECK(angular_frequencies(4, 1)[2] == Approx(-std::numbers::pi));
}
