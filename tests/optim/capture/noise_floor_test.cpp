// Levels against those of signals whose power is known by formula.
#include "catch.h"
#include "optim/capture/noise_floor.h"
#include "optim/engine/random.h"

#include <cmath>
#include <numbers>

using namespace raphson::optim;
using namespace raphson::optim::capture;

namespace {

std::vector<float> white(std::size_t frames, double rms) {
  RandomStream random(2, "white");
  std::vector<float> x(frames);
  for (float& sample : x) sample = static_cast<float>(rms * random.normal());
  return x;
}

std::vector<float> sine(std::size_t frames, double rate, double hz, double peak) {
  std::vector<float> x(frames);
  for (std::size_t n = 0; n < frames; ++n)
    x[n] = static_cast<float>(peak * std::sin(2 * std::numbers::pi * hz * static_cast<double>(n) / rate));
  return x;
}

} // namespace

TEST_CASE("White noise has its level, and in each octave its share of the band") {
  const NoiseFloor floor = noise_floor(white(96000, 1e-3), 48000);
  CHECK(floor.dbfs == Approx(-60).margin(0.1));
  REQUIRE(floor.bands.size() == 10);
  for (const NoiseBand& band : floor.bands) {
    const double share = band.centre_hz * (std::numbers::sqrt2 - 1 / std::numbers::sqrt2) / 24000;
    INFO(band.centre_hz);
    CHECK(band.dbfs == Approx(-60 + 10 * std::log10(share)).margin(band.centre_hz < 200 ? 2.0 : 0.5));
  }
  CHECK(!floor.hum_hz);
}

TEST_CASE("A sine is in its octave at its level, and an offset is told and not counted") {
  std::vector<float> x = sine(48000, 48000, 1000, 0.01);
  for (float& sample : x) sample += 0.25f;
  const NoiseFloor floor = noise_floor(x, 48000);
  CHECK(floor.offset == Approx(0.25).epsilon(1e-5));
  CHECK(floor.dbfs == Approx(-40 - 3.0103).margin(0.01));
  CHECK(floor.bands[5].centre_hz == 1000);
  CHECK(floor.bands[5].dbfs == Approx(-43.0103).margin(0.01));
  CHECK(floor.bands[3].dbfs < -100);
}

TEST_CASE("Hum is told by its frequency, and silence is silent") {
  for (const double mains : {50.0, 60.0}) {
    std::vector<float> x = white(48000, 1e-4);
    for (const double harmonic : {1.0, 3.0}) {
      const std::vector<float> part = sine(x.size(), 48000, harmonic * mains, 1e-3 / harmonic);
      for (std::size_t n = 0; n < x.size(); ++n) x[n] += part[n];
    }
    CHECK(noise_floor(x, 48000).hum_hz == mains);
  }
  CHECK(std::isinf(noise_floor(std::vector<float>(48000), 48000).dbfs));
}
