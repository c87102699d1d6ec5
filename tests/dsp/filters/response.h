// The frequency response of a filter as it runs: the Fourier sum of its impulse response at one frequency.
#pragma once

#include <cmath>
#include <complex>
#include <numbers>

namespace raphson::test {

/// H(exp(i 2 pi frequency / rate)), the impulse response taken over `length` samples.
template <class Filter>
std::complex<double> response(Filter filter, double frequency_hz, double rate, int length = 1 << 15) {
  filter.reset();
  const double w = 2 * std::numbers::pi * frequency_hz / rate;
  std::complex<double> sum = 0;
  for (int n = 0; n < length; ++n) sum += double(filter(n == 0 ? 1.0 : 0.0)) * std::polar(1.0, -w * n);
  return sum;
}

/// The point of the analog prototype's axis, in units of its corner, that the bilinear transform puts at a
/// frequency.
inline std::complex<double> warped(double frequency_hz, double corner_hz, double rate) {
  const double pi = std::numbers::pi;
  return {0, std::tan(pi * frequency_hz / rate) / std::tan(pi * corner_hz / rate)};
}

} // namespace raphson::test
