// Delays known by construction: whole ones of noise, fractional ones of signals that are formulas of time.
#include "catch.h"

#include "optim/data/audio_file.h"
#include "optim/engine/random.h"
#include "optim/match/align.h"
#include "tests/optim/match/reference.h"

#include <cmath>
#include <numbers>

using namespace raphson::optim;
using namespace raphson::optim::match;

namespace {

constexpr double sample_rate = 8000;

/// x(n - delay), silence outside, with noise at -40 dB of its own.
std::vector<float> delayed(const std::vector<float>& x, std::ptrdiff_t delay, float gain,
                           std::size_t length) {
  RandomStream noise(5, "noise");
  std::vector<float> y(length);
  for (std::size_t n = 0; n < length; ++n) {
    const auto m = static_cast<std::ptrdiff_t>(n) - delay;
    if (m >= 0 && m < static_cast<std::ptrdiff_t>(x.size())) y[n] = gain * x[static_cast<std::size_t>(m)];
    y[n] += static_cast<float>(0.01 * std::abs(gain) * 0.1 * noise.normal());
  }
  return y;
}

/// Sines of a few frequencies under a bell: band-limited, and known between samples.
template <class Sample> std::vector<Sample> bell_of_sines(std::size_t length, double delay) {
  std::vector<Sample> x(length);
  for (std::size_t n = 0; n < length; ++n) {
    const double t = static_cast<double>(n) - delay, centre = static_cast<double>(length) / 2;
    double sum = 0;
    for (const double frequency : {0.013, 0.041, 0.1, 0.223})
      sum += std::sin(2 * std::numbers::pi * frequency * t + 10 * frequency);
    const double z = (t - centre) / (static_cast<double>(length) / 10);
    x[n] = static_cast<Sample>(0.2 * sum * std::exp(-0.5 * z * z));
  }
  return x;
}

} // namespace

TEST_CASE("Whole delays are found to the sample, either way round and upside down") {
  const std::vector<float> dry = programme(24000, 60).dry;
  for (const std::ptrdiff_t delay : {0, 1, 17, 4000, -1, -333, -4000})
    for (const float gain : {1.0f, -0.1f}) {
      const Alignment a = align(dry, delayed(dry, delay, gain, 26000), sample_rate);
      INFO("delay " << delay << ", gain " << gain);
      CHECK(a.delay_samples == static_cast<double>(delay));
      CHECK(a.inverted == (gain < 0));
      CHECK(a.correlation > 0.99);
      CHECK(a.correlation <= 1.0 + 1e-12);
    }
}

TEST_CASE("The window moves to the loudest part of a long recording, and the delay still is found") {
  std::vector<float> dry(40 * 8000, 0.0f);
  const std::vector<float> loud = programme(3 * 8000, 61).dry;
  std::copy(loud.begin(), loud.end(), dry.begin() + 25 * 8000);
  for (const std::ptrdiff_t delay : {2500, -2500})
    CHECK(align(dry, delayed(dry, delay, 0.5f, dry.size()), sample_rate).delay_samples
          == static_cast<double>(delay));
}

TEST_CASE("Unrelated recordings do not correlate") {
  const Alignment a = align(programme(24000, 62).dry, programme(24000, 63).dry, sample_rate);
  CHECK(a.correlation < 0.2);
}

TEST_CASE("Fractions of a sample are found to a millionth") {
  const std::vector<double> early = bell_of_sines<double>(4096, 0);
  for (const double delay : {0.0, 0.25, -0.4, 0.9, -0.99})
    CHECK(fractional_delay_between(early, bell_of_sines<float>(4096, delay)) == Approx(delay).margin(1e-6));
}

TEST_CASE("What a causal filter delays is left to it, what it cannot is taken off") {
  RandomStream random(3, "excitation");
  std::vector<double> dry(20000), wet(dry.size());
  double state = 0;
  for (std::size_t n = 0; n < dry.size(); ++n) {
    dry[n] = random.normal();
    wet[n] = state = 0.9 * state + 0.1 * dry[n]; // its correlation with dry peaks at 0, its group delay is 9
  }
  CHECK(causal_delay(dry, wet, 0, 0) == 0);
  CHECK(causal_delay(dry, wet, 2, -8) == 0);
  const std::vector<double> early(wet.begin() + 30, wet.end());
  CHECK(causal_delay(dry, early, -30, -50) == -30);
  CHECK(causal_delay(dry, early, -27, -50) == -30);
  std::vector<double> late(5, 0.0);
  late.insert(late.end(), wet.begin(), wet.end());
  CHECK(causal_delay(dry, late, 5, 0) == 5);
  CHECK(causal_delay(dry, late, 9, 0) == 5);
  CHECK(causal_delay(dry, late, 9, 7) == 7); // not below
}

TEST_CASE("The compressor in between leaves the delay of a real recording alone") {
  const std::string folder = std::string(RAPHSON_SOURCE_DIR) + "/assets/recordings/";
  const std::vector<float> dry = data::read_audio(folder + "la2a-dry.flac").channels[0];
  const std::vector<float> wet = data::read_audio(folder + "la2a-wet.flac").channels[0];
  const double already = align(dry, wet, 48000).delay_samples;
  CHECK(std::abs(already) <= 1); // as published, to the sample
  for (const std::ptrdiff_t delay : {480, -4801})
    CHECK(align(dry, delayed(wet, delay, -2.0f, wet.size()), 48000).delay_samples
          == already + static_cast<double>(delay));
}
