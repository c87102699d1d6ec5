#include "catch.h"
#include "dsp/measure/esr.h"

#include <cmath>
#include <random>
#include <vector>

using namespace raphson;

namespace {
std::vector<float> noise(std::size_t size, unsigned seed) {
  std::mt19937 random(seed);
  std::normal_distribution<float> normal(0, 0.1f);
  std::vector<float> x(size);
  for (float& sample : x) sample = normal(random);
  return x;
}
} // namespace

TEST_CASE("ESR has its closed forms") {
  const std::vector<float> target = noise(5000, 1);
  const std::vector<float> silence(target.size(), 0.0f);
  CHECK(dsp::esr(target, target) == 0);
  CHECK(dsp::esr(silence, target) == 1);

  std::vector<float> scaled = target;
  for (float& x : scaled) x *= 0.75f; // exact up to one rounding a sample
  CHECK(dsp::esr(scaled, target) == Approx(0.0625).epsilon(1e-6));

  // A sine against itself a phase later: |1 - e^ij|^2 = 2 - 2 cos j over whole periods.
  const double phase = 0.3;
  std::vector<double> sine(4800), late(4800);
  for (std::size_t n = 0; n < sine.size(); ++n) {
    const double angle = 2 * M_PI * 100 * static_cast<double>(n) / 48000;
    sine[n] = std::sin(angle);
    late[n] = std::sin(angle - phase);
  }
  CHECK(dsp::esr(late, sine) == Approx(2 - 2 * std::cos(phase)).epsilon(1e-12));
}

TEST_CASE("ESR of a silent target") {
  const std::vector<float> silence(10, 0.0f), sound(10, 0.5f);
  CHECK(dsp::esr(silence, silence) == 0);
  CHECK(std::isinf(dsp::esr(sound, silence)));
}

TEST_CASE("ESR in blocks is ESR at once, to the bit") {
  const std::vector<float> target = noise(4099, 2), estimate = noise(4099, 3);
  const double whole = dsp::esr(estimate, target);
  for (const std::size_t block : {1u, 7u, 64u, 4098u}) {
    dsp::EsrAccumulator blocks;
    for (std::size_t at = 0; at < target.size(); at += block) {
      const std::size_t count = std::min(block, target.size() - at);
      blocks.add(std::span(estimate).subspan(at, count), std::span(target).subspan(at, count));
    }
    CHECK(blocks.value() == whole);
  }
}

TEST_CASE("ESR refuses signals of two lengths") {
  const std::vector<float> three(3, 1.0f), four(4, 1.0f);
  CHECK_THROWS_AS(dsp::esr(three, four), InputError);
}
