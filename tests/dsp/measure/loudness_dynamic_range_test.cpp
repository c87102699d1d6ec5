#include "catch.h"
#include "dsp/error.h"
#include "dsp/measure/loudness_dynamic_range.h"

#include <cmath>
#include <complex>
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

TEST_CASE("LDR of a tone of constant power is its onset's closed form") {
  // A square wave at a quarter of the rate, through the DC block, has constant power P once that has settled
  // (within milliseconds): e_i[n] = P (1 - (1 - a_i)^(n+1)).
  const double rate = 44100;
  std::vector<float> x(static_cast<std::size_t>(rate * 6));
  for (std::size_t n = 0; n < x.size(); ++n) x[n] = n % 4 < 2 ? 0.5f : -0.5f;
  double sum = 0;
  for (std::size_t n = 0; n < x.size(); ++n) {
    const double time = static_cast<double>(n + 1) / rate;
    const double db = 10 * std::log10(std::expm1(-time / 0.05) / std::expm1(-time / 3));
    sum += db * db;
  }
  const double expected = std::sqrt(sum / static_cast<double>(x.size()));
  CHECK(dsp::loudness_dynamic_range_db(x, rate) == Approx(expected).epsilon(1e-3));
}

TEST_CASE("LDR: a slow tremolo of small depth has the closed form of two one-poles") {
  // Power P (1 + m cos wt): each envelope is P (1 + m |H| cos), H = 1 / (1 + jw tau); for small m the level
  // difference is (10 / ln 10) m |H_fast - H_slow| / sqrt 2. Taken over the last seconds, onset past.
  const double rate = 8000, depth = 0.01, omega = 2 * M_PI * 1;
  std::vector<float> x(static_cast<std::size_t>(rate * 60));
  for (std::size_t n = 0; n < x.size(); ++n) {
    const double time = static_cast<double>(n) / rate;
    const double sign = n % 4 < 2 ? 1 : -1;
    x[n] = static_cast<float>(0.5 * sign * std::sqrt(1 + depth * std::cos(omega * time)));
  }
  const std::size_t onset = static_cast<std::size_t>(rate * 40);
  dsp::LoudnessDynamicRange range(rate, 1);
  range.add_interleaved(std::span(x).first(onset));
  const double onset_sum = range.value_db() * range.value_db() * static_cast<double>(onset);
  range.add_interleaved(std::span(x).subspan(onset));
  const double whole_sum = range.value_db() * range.value_db() * static_cast<double>(x.size());
  const double measured = std::sqrt((whole_sum - onset_sum) / static_cast<double>(x.size() - onset));
  const std::complex<double> j(0, 1);
  const double response = std::abs(1.0 / (1.0 + j * omega * 0.05) - 1.0 / (1.0 + j * omega * 3.0));
  CHECK(measured == Approx(10 / std::log(10) * depth * response / std::sqrt(2)).epsilon(0.01));
}

TEST_CASE("LDR does not hear gain or a second copy, and hears compression") {
  std::vector<float> x = noise(44100 * 12, 1);
  for (std::size_t n = 0; n < x.size(); ++n) x[n] *= n / 4410 % 4 == 0 ? 1.0f : 0.1f; // bursts
  const double ldr = dsp::loudness_dynamic_range_db(x, 44100);

  std::vector<float> louder = x;
  for (float& sample : louder) sample *= 4;
  CHECK(dsp::loudness_dynamic_range_db(louder, 44100) == Approx(ldr).epsilon(1e-9));

  std::vector<float> stereo;
  for (const float sample : x) stereo.insert(stereo.end(), {sample, sample});
  dsp::LoudnessDynamicRange both(44100, 2);
  both.add_interleaved(stereo);
  CHECK(both.value_db() == Approx(ldr).epsilon(1e-9));

  std::vector<float> flatter = x;
  for (std::size_t n = 0; n < x.size(); ++n)
    flatter[n] *= n / 4410 % 4 == 0 ? 0.2f : 1.0f; // 20 dB of burst to 6
  CHECK(dsp::loudness_dynamic_range_db(flatter, 44100) < ldr - 1);
}

TEST_CASE("LDR in blocks is LDR at once, to the bit; of silence it is finite") {
  const std::vector<float> x = noise(10000, 2);
  const double whole = dsp::loudness_dynamic_range_db(x, 48000);
  for (const std::size_t block : {1u, 33u, 9999u}) {
    dsp::LoudnessDynamicRange blocks(48000, 1);
    for (std::size_t at = 0; at < x.size(); at += block)
      blocks.add_interleaved(std::span(x).subspan(at, std::min(block, x.size() - at)));
    CHECK(blocks.value_db() == whole);
  }
  CHECK(std::isfinite(dsp::loudness_dynamic_range_db(std::vector<float>(1000, 0.0f), 48000)));
  CHECK(dsp::loudness_dynamic_range_db({}, 48000) == 0);
  CHECK_THROWS_AS(dsp::LoudnessDynamicRange(0, 1), InputError);
  CHECK_THROWS_AS(dsp::LoudnessDynamicRange(48000, 0), InputError);
}
