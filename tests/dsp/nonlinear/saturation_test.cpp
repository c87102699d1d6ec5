#include "catch.h"
#include "dsp/nonlinear/saturation.h"

#include <cmath>
#include <complex>
#include <numbers>
#include <vector>

using namespace raphson;
using dsp::Saturation;

namespace {

using Signal = std::vector<double>;

Saturation<double> saturation(double drive_db, double bias) {
  const double values[] = {drive_db, bias};
  return {std::span<const double>(values), 44100};
}

/// s(x) as the header has it.
double curve(double x, double drive_db, double bias) {
  const double d = std::pow(10, drive_db / 20), t = std::tanh(bias);
  return (std::tanh(d * x + bias) - t) / (d * (1 - t * t));
}

Signal tone(double hz, double amplitude, std::size_t count) {
  Signal x(count);
  for (std::size_t t = 0; t < count; ++t)
    x[t] = amplitude * std::sin(2 * std::numbers::pi * hz / 44100 * static_cast<double>(t));
  return x;
}

/// Power at multiples of 100 Hz up to `highest_hz` that are no multiple of the tone: what has folded.
double aliased(const Signal& y, int tone_hz, int highest_hz) {
  double sum = 0;
  for (int hz = 100; hz <= highest_hz; hz += 100) {
    if (hz % tone_hz == 0) continue;
    std::complex<double> bin = 0;
    for (std::size_t t = 0; t < 4410; ++t)
      bin += y[y.size() - 4410 + t]
             * std::polar(1.0, -2 * std::numbers::pi * hz / 44100 * static_cast<double>(t));
    sum += std::norm(bin);
  }
  return sum;
}

} // namespace

TEST_CASE("Saturation: a tone of 5 kHz aliases less than through the curve alone", "[saturation]") {
  for (const double bias : {0.0, 0.5}) {
    const Signal x = tone(5000, 0.5, 8820);
    auto block = saturation(15, bias);
    Signal y = x, naive = x;
    block.process(y);
    for (double& s : naive) s = curve(s, 15, bias);
    const auto lower_db = [&](int highest_hz) {
      return 10 * std::log10(aliased(naive, 5000, highest_hz) / aliased(y, 5000, highest_hz));
    };
    // One antiderivative takes sin(w/2) / (w/2) off what lies at w: little of the first harmonic to fold,
    // 25 kHz, most of those that fold down below the tone, where nothing covers them.
    CHECK(lower_db(22000) > 3);
    CHECK(lower_db(4900) > 10);
  }
}

TEST_CASE("Saturation: the mean of what the curve adds, of a sample and the one before", "[saturation]") {
  for (const double bias : {-0.8, 0.0, 0.3})
    for (const double drive_db : {-20.0, 0.0, 25.0}) {
      const double d = std::pow(10, drive_db / 20);
      for (const double before : {-0.9, 0.0, 0.4})
        for (const double step : {1e-9, 1e-5, 0.00999, 0.01001, 0.1, 3.0}) {
          const double x = before + step / d;
          auto block = saturation(drive_db, bias);
          block(before);
          const double y = block(x);
          double mean = 0; // of s - x between the two: Simpson's rule
          constexpr int pieces = 2000;
          for (int i = 0; i <= pieces; ++i) {
            const double at = before + (x - before) * i / pieces;
            mean += (i == 0 || i == pieces ? 1 : i % 2 ? 4 : 2) * (curve(at, drive_db, bias) - at);
          }
          mean /= 3.0 * pieces;
          CAPTURE(bias, drive_db, before, step);
          CHECK(y == Approx(x + mean).margin(2e-10 / d));
        }
    }
}

TEST_CASE("Saturation: little drive is the input, treble and all", "[saturation]") {
  const Signal x = tone(15000, 0.5, 2000);
  Signal y = x;
  saturation(-40, 0).process(y);
  double most = 0;
  for (std::size_t t = 1; t < x.size(); ++t) most = std::max(most, std::abs(y[t] - x[t]));
  CHECK(most < 1e-5);
}

TEST_CASE("Saturation: blocks are its formula sample by sample, however they are cut", "[saturation]") {
  const Signal x = tone(3000, 0.7, 3000);
  auto one = saturation(12, 0.4), whole = saturation(12, 0.4), cut = saturation(12, 0.4);
  Signal a = x, b = x, c = x;
  for (double& s : a) s = one(s);
  whole.process(b);
  for (std::size_t from = 0, k = 0; from < c.size(); ++k) {
    const std::size_t count = std::min<std::size_t>(c.size() - from, std::array{1, 5, 64, 33}[k % 4]);
    cut.process(std::span(c).subspan(from, count));
    from += count;
  }
  for (std::size_t t = 0; t < x.size(); ++t) {
    CHECK(std::abs(a[t] - b[t]) < 1e-12);
    CHECK(b[t] == c[t]);
  }
}

TEST_CASE("Saturation: silence stays silence, with a bias too, and loud samples stay finite",
          "[saturation]") {
  auto block = saturation(20, 1.2);
  for (int t = 0; t < 10; ++t) CHECK(std::abs(block(0)) < 1e-15);
  for (const double x : {1e10, -1e10, 1e10, 0.0}) CHECK(std::isfinite(block(x)));
}
