#include "catch.h"
#include "dsp/error.h"
#include "optim/data/resample.h"

#include <cmath>
#include <complex>

using namespace raphson;
using namespace raphson::optim::data;

namespace {

Audio mono(double rate, std::vector<float> samples) { return {rate, {std::move(samples)}}; }

std::complex<double> spectrum_at(const std::vector<float>& x, double hz, double rate) {
  std::complex<double> sum = 0;
  for (std::size_t n = 0; n < x.size(); ++n)
    sum += static_cast<double>(x[n]) * std::polar(1.0, -2 * M_PI * hz * static_cast<double>(n) / rate);
  return sum;
}

} // namespace

TEST_CASE("Resampling keeps a sine in place, above 100 dB") {
  for (const auto& [from, to] :
       {std::pair{44100.0, 48000.0}, {48000.0, 44100.0}, {96000.0, 44100.0}, {8000.0, 48000.0}}) {
    const double hz = 0.35 * std::min(from, to); // in band
    std::vector<float> in(static_cast<std::size_t>(from));
    for (std::size_t n = 0; n < in.size(); ++n)
      in[n] = static_cast<float>(0.5 * std::sin(2 * M_PI * hz * static_cast<double>(n) / from));
    const Audio out = resample(mono(from, in), to);
    CHECK(out.sample_rate == to);
    CHECK(out.frames() == static_cast<std::size_t>(to));
    double error = 0, signal = 0; // away from the ends, where the sine starts and stops
    for (std::size_t n = out.frames() / 10; n < out.frames() * 9 / 10; ++n) {
      const double exact = 0.5 * std::sin(2 * M_PI * hz * static_cast<double>(n) / to);
      error += std::pow(static_cast<double>(out.channels[0][n]) - exact, 2);
      signal += exact * exact;
    }
    INFO(from << " Hz to " << to << " Hz");
    CHECK(10 * std::log10(signal / error) > 100);
  }
}

TEST_CASE("Resampling keeps an impulse in place to 0.01 samples") {
  for (const auto& [from, to] : {std::pair{44100.0, 48000.0}, {96000.0, 48000.0}, {48000.0, 96000.0}}) {
    std::vector<float> in(static_cast<std::size_t>(from / 2));
    const std::size_t at = in.size() / 2;
    in[at] = 1;
    const Audio out = resample(mono(from, in), to);
    for (const double hz : {1000.0, 5000.0, 15000.0}) {
      // The delay from the phase, against where the impulse was.
      const double seconds = static_cast<double>(at) / from;
      const auto response = spectrum_at(out.channels[0], hz, to) * std::polar(1.0, 2 * M_PI * hz * seconds);
      CHECK(std::abs(std::arg(response) / (2 * M_PI * hz) * to) < 0.01);
    }
  }
}

TEST_CASE("Resampling: lengths, channels, the same rate, bad rates") {
  const Audio stereo{48000, {std::vector<float>(1001, 0.5f), std::vector<float>(1001, -0.5f)}};
  const Audio half = resample(stereo, 24000);
  CHECK(half.channels.size() == 2);
  CHECK(half.frames() == 501);
  CHECK(half.channels[1][250] == Approx(-0.5).margin(1e-4));
  CHECK(resample(stereo, 48000).channels == stereo.channels);
  CHECK_THROWS_AS(resample(stereo, 0), InputError);
  CHECK_THROWS_AS(resample(stereo, 48000.0 * 300), InputError);
  CHECK_THROWS_AS(resample(stereo, std::nan("")), InputError);
}
