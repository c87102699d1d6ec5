// How much of a compressor's output is neither the tone that went in nor a harmonic of it: the test and the
// bench measure it alike.
#pragma once

#include "plugin/engine/engine.h"

#include <cmath>
#include <complex>
#include <numbers>
#include <vector>

namespace raphson::test {

/// Level of all that aliased over that of the output, in dB: a tone near `hz` with a whole number of periods
/// in the window that is measured, at 48 kHz, through -20 dB, 4:1, 0.1 ms and 1 ms. Harmonics below the
/// Nyquist frequency are projected out; what is left can only have folded.
inline double aliasing_db(int oversampling, double hz) {
  constexpr std::size_t window = 8192, before = 8192;
  constexpr double rate = 48000;
  const auto periods = static_cast<std::size_t>(hz / rate * window) | 1; // odd: no alias lands on a harmonic
  dsp::ChainSettings chain = dsp::parse_chain("compressor");
  const double values[] = {-20, 4, 0.1, 1, 0, 0, 0, 0};
  chain.set_values(values);
  plugin::Engine engine(chain);
  engine.prepare(rate, 1);
  engine.set({.oversampling = oversampling}, values);
  std::vector<double> y(before + window);
  const double step = 2 * std::numbers::pi * static_cast<double>(periods) / window;
  for (std::size_t t = 0; t < y.size(); ++t) y[t] = 0.5 * std::sin(step * static_cast<double>(t));
  double* const audio[] = {y.data()};
  engine.process(audio, 1, static_cast<int>(y.size()));

  double total = 0, harmonics = 0;
  for (std::size_t t = 0; t < window; ++t) total += y[before + t] * y[before + t];
  for (std::size_t k = 0; k * periods < window / 2; ++k) {
    std::complex<double> sum = 0;
    for (std::size_t t = 0; t < window; ++t)
      sum += y[before + t] * std::polar(1.0, -step * static_cast<double>(k * t));
    harmonics += (k == 0 ? 1 : 2) * std::norm(sum) / window;
  }
  return 10 * std::log10((total - harmonics) / total);
}

} // namespace raphson::test
