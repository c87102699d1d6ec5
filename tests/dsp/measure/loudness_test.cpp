#include "catch.h"
#include "dsp/error.h"
#include "dsp/measure/loudness.h"

#include <cmath>
#include <random>
#include <vector>

using namespace raphson;

namespace {

std::vector<float> sine(double frequency, double amplitude, double seconds, double rate) {
  std::vector<float> x(static_cast<std::size_t>(seconds * rate));
  for (std::size_t n = 0; n < x.size(); ++n)
    x[n] = static_cast<float>(amplitude * std::sin(2 * M_PI * frequency * static_cast<double>(n) / rate));
  return x;
}

double decibels(double db) { return std::pow(10, db / 20); }

} // namespace

TEST_CASE("BS.1770: a 997 Hz sine at full scale on one channel reads -3.01 LUFS") {
  for (const double rate : {44100.0, 48000.0, 96000.0})
    CHECK(dsp::integrated_lufs(sine(997, 1, 5, rate), rate) == Approx(-3.01).margin(0.02));
  const std::vector<float> one = sine(997, 1, 5, 48000);
  dsp::LoudnessMeter stereo(48000, 2);
  const float* const both[] = {one.data(), one.data()};
  stereo.add_planar(both, one.size());
  CHECK(stereo.integrated_lufs() == Approx(0).margin(0.02));
}

TEST_CASE("EBU Tech 3341, cases 1 to 4: gated integrated loudness of stereo 1 kHz sines") {
  const auto measure = [](const std::vector<std::pair<double, double>>& steps) { // dBFS, seconds
    dsp::LoudnessMeter meter(48000, 2);
    for (const auto& [db, seconds] : steps) {
      const std::vector<float> x = sine(1000, decibels(db), seconds, 48000);
      const float* const both[] = {x.data(), x.data()};
      meter.add_planar(both, x.size());
    }
    return meter.integrated_lufs();
  };
  CHECK(measure({{-23, 20}}) == Approx(-23).margin(0.1));
  CHECK(measure({{-33, 20}}) == Approx(-33).margin(0.1));
  CHECK(measure({{-36, 10}, {-23, 60}, {-36, 10}}) == Approx(-23).margin(0.1));
  CHECK(measure({{-72, 10}, {-36, 10}, {-23, 60}, {-36, 10}, {-72, 10}}) == Approx(-23).margin(0.1));
}

TEST_CASE("EBU Tech 3342, cases 1 to 3: loudness range of two levels") {
  const auto measure = [](double first_db, double second_db) {
    dsp::LoudnessMeter meter(48000, 2);
    for (const double db : {first_db, second_db}) {
      const std::vector<float> x = sine(1000, decibels(db), 20, 48000);
      const float* const both[] = {x.data(), x.data()};
      meter.add_planar(both, x.size());
    }
    return meter.range_lu();
  };
  CHECK(measure(-20, -30) == Approx(10).margin(1));
  CHECK(measure(-20, -15) == Approx(5).margin(1));
  CHECK(measure(-40, -20) == Approx(20).margin(1));
}

TEST_CASE("Loudness in blocks is loudness at once") {
  std::mt19937 random(1);
  std::normal_distribution<float> normal(0, 0.1f);
  std::vector<float> x(2 * 48000 * 2); // two channels, two seconds
  for (float& sample : x) sample = normal(random);
  dsp::LoudnessMeter whole(48000, 2);
  whole.add_interleaved(x);
  for (const std::size_t frames : {1u, 100u, 4801u}) {
    dsp::LoudnessMeter blocks(48000, 2);
    for (std::size_t at = 0; at < x.size(); at += 2 * frames)
      blocks.add_interleaved(std::span(x).subspan(at, std::min(2 * frames, x.size() - at)));
    CHECK(blocks.integrated_lufs() == Approx(whole.integrated_lufs()).epsilon(1e-12));
  }
}

TEST_CASE("Loudness of silence and of nothing is minus infinity") {
  const std::vector<float> silence(48000 * 4, 0.0f);
  CHECK(dsp::integrated_lufs(silence, 48000) == -INFINITY);
  CHECK(dsp::integrated_lufs({}, 48000) == -INFINITY);
  dsp::LoudnessMeter meter(48000, 1);
  meter.add_interleaved(silence);
  CHECK(meter.range_lu() == 0);
  CHECK_THROWS_AS(dsp::LoudnessMeter(0, 1), InputError);
  CHECK_THROWS_AS(dsp::LoudnessMeter(48000, 0), InputError);
}
