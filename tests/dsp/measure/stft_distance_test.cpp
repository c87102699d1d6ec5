#include "catch.h"
#include "dsp/error.h"
#include "dsp/measure/stft_distance.h"

#include <cmath>
#include <complex>
#include <random>
#include <vector>

using namespace raphson;

namespace {

std::vector<float> noise(std::size_t size, unsigned seed) {
  std::mt19937 random(seed);
  std::normal_distribution<float> normal(0, 0.3f);
  std::vector<float> x(size);
  for (float& sample : x) sample = normal(random);
  return x;
}

/// The definition, frame by frame, with the discrete Fourier sum written out.
dsp::StftDistanceResult by_definition(const std::vector<float>& e, const std::vector<float>& t, int length) {
  const int half = length / 2, hop = length / 4, size = static_cast<int>(t.size());
  double difference = 0, energy = 0, log_sum = 0, bins = 0;
  const auto magnitude = [&](const std::vector<float>& x, int frame, int k) {
    std::complex<double> sum = 0;
    for (int i = 0; i < length; ++i) {
      const int at = frame * hop - half + i;
      const double sample = at < 0 || at >= size ? 0.0 : static_cast<double>(x[at]);
      sum += sample * std::pow(std::sin(M_PI * i / length), 2) * std::polar(1.0, -2 * M_PI * i * k / length);
    }
    return std::sqrt(std::max(std::norm(sum), 1e-8));
  };
  for (int frame = 0; frame <= size / hop; ++frame)
    for (int k = 0; k <= half; ++k, ++bins) {
      const double me = magnitude(e, frame, k), mt = magnitude(t, frame, k);
      difference += (mt - me) * (mt - me);
      energy += mt * mt;
      log_sum += std::abs(std::log(mt / me));
    }
  return {std::sqrt(difference / energy), log_sum / bins};
}

} // namespace

TEST_CASE("STFT distance is the definition's") {
  for (const std::size_t size : {5u, 64u, 200u, 333u}) {
    const std::vector<float> e = noise(size, 1), t = noise(size, 2);
    dsp::StftDistance distance({32, 64});
    distance.add(e, t);
    const auto a = by_definition(e, t, 32), b = by_definition(e, t, 64);
    CHECK(distance.result().spectral_convergence
          == Approx((a.spectral_convergence + b.spectral_convergence) / 2).epsilon(1e-10));
    CHECK(distance.result().log_magnitude == Approx((a.log_magnitude + b.log_magnitude) / 2).epsilon(1e-10));
  }
}

TEST_CASE("STFT distance: nothing between equals, |1 - a| and |ln a| for a scaled copy") {
  const std::vector<float> target = noise(20000, 3);
  CHECK(dsp::stft_distance(target, target).total() == 0);
  for (const float gain : {0.5f, 2.0f}) { // exact in binary
    std::vector<float> scaled = target;
    for (float& x : scaled) x *= gain;
    const auto distance = dsp::stft_distance(scaled, target);
    CHECK(distance.spectral_convergence == Approx(std::abs(1 - gain)).epsilon(1e-9));
    CHECK(distance.log_magnitude == Approx(std::log(2)).epsilon(1e-6)); // but for bins at the floor
  }
}

TEST_CASE("STFT distance in blocks is the distance at once") {
  const std::vector<float> target = noise(9001, 4), estimate = noise(9001, 5);
  const auto whole = dsp::stft_distance(estimate, target);
  for (const std::size_t block : {1u, 127u, 2048u, 5000u}) {
    dsp::StftDistance blocks;
    for (std::size_t at = 0; at < target.size(); at += block) {
      const std::size_t count = std::min(block, target.size() - at);
      blocks.add(std::span(estimate).subspan(at, count), std::span(target).subspan(at, count));
      if (at < 3 * block) blocks.result(); // asking early disturbs nothing
    }
    CHECK(blocks.result().spectral_convergence == whole.spectral_convergence);
    CHECK(blocks.result().log_magnitude == whole.log_magnitude);
  }
}

TEST_CASE("STFT distance of silence is finite, bad options are refused") {
  const std::vector<float> silence(4000, 0.0f), sound = noise(4000, 6);
  CHECK(dsp::stft_distance(silence, silence).total() == 0);
  CHECK(std::isfinite(dsp::stft_distance(sound, silence).total()));
  CHECK(dsp::stft_distance(silence, sound).spectral_convergence == Approx(1).epsilon(1e-4));
  CHECK_THROWS_AS(dsp::StftDistance({1000}), InputError);
  CHECK_THROWS_AS(dsp::StftDistance(std::vector<std::size_t>{}), InputError);
  CHECK_THROWS_AS(dsp::stft_distance(std::vector<float>(3), std::vector<float>(4)), InputError);
}
