#include "catch.h"
#include "dsp/error.h"
#include "optim/data/fractional_delay.h"

#include <cmath>
#include <random>

using namespace raphson;
using optim::data::delay_by_fraction;
using optim::data::fractional_delay;

namespace {

std::vector<float> noise(std::size_t size) {
  std::mt19937 random(1);
  std::uniform_real_distribution<float> uniform(-1, 1);
  std::vector<float> x(size);
  for (float& sample : x) sample = uniform(random);
  return x;
}

} // namespace

TEST_CASE("A whole delay copies samples") {
  const std::vector<float> x = noise(1000);
  for (const int delay : {0, 1, 17, 999, 1000, 5000, -1, -250, -1000, -5000}) {
    const std::vector<float> y = fractional_delay(x, delay);
    REQUIRE(y.size() == x.size());
    for (int n = 0; n < 1000; ++n)
      REQUIRE(y[n] == (n - delay >= 0 && n - delay < 1000 ? x[n - delay] : 0.0f));
  }
}

TEST_CASE("A fractional delay moves sines, within -110 dB up to 0.9 of Nyquist") {
  const int size = 2000;
  for (const double delay : {0.5, -0.5, 0.123, 3.0001, -7.75, 100.37})
    for (const double frequency : {0.01, 0.3, 0.7, 0.9}) { // of Nyquist
      std::vector<float> x(size);
      for (int n = 0; n < size; ++n) x[n] = static_cast<float>(std::sin(M_PI * frequency * n + 0.3));
      const std::vector<float> y = fractional_delay(x, delay);
      double error = 0;
      for (int n = 200; n < size - 200; ++n)
        error = std::max(
            error, std::abs(static_cast<double>(y[n]) - std::sin(M_PI * frequency * (n - delay) + 0.3)));
      INFO("delay " << delay << ", frequency " << frequency);
      CHECK(20 * std::log10(error) < -110);
    }
}

TEST_CASE("Tiles join: a delayed signal's parts are the whole's") {
  const std::vector<float> x = noise(3000);
  const std::vector<float> whole = fractional_delay(x, 0.4);
  const std::vector<float> late = fractional_delay(std::span(x).subspan(100), 0.4);
  for (std::size_t n = 150; n < 2800; ++n) REQUIRE(late[n] == Approx(whole[n + 100]).margin(1e-7));
  std::vector<float> in_place = x;
  delay_by_fraction(in_place, 0.4);
  CHECK(in_place == whole);
  CHECK(fractional_delay({}, 0.5).empty());
  CHECK(fractional_delay(x, 1e300) == std::vector<float>(3000));
  CHECK_THROWS_AS(fractional_delay(x, std::nan("")), InputError);
}
