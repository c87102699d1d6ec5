#include "optim/capture/noise_floor.h"

#include <unsupported/Eigen/FFT>

#include <cmath>
#include <complex>
#include <numbers>
#include <numeric>

namespace raphson::optim::capture {
namespace {

/// Of each bin, so that their sum is the mean square; under a Hann window.
std::vector<double> power_spectrum(std::span<const float> x, double mean) {
  std::size_t size = 2;
  while (size < x.size()) size *= 2;
  std::vector<double> windowed(size);
  double window_energy = 0;
  for (std::size_t n = 0; n < x.size(); ++n) {
    const double at = (static_cast<double>(n) + 0.5) / static_cast<double>(x.size());
    const double w = 0.5 - 0.5 * std::cos(2 * std::numbers::pi * at);
    windowed[n] = w * (static_cast<double>(x[n]) - mean);
    window_energy += w * w;
  }
  std::vector<std::complex<double>> bins;
  Eigen::FFT<double> fft;
  fft.SetFlag(Eigen::FFT<double>::HalfSpectrum);
  fft.fwd(bins, windowed);
  std::vector<double> power(bins.size());
  for (std::size_t k = 0; k < bins.size(); ++k) {
    const double sides = k == 0 || k == size / 2 ? 1 : 2;
    power[k] = sides * std::norm(bins[k]) / (static_cast<double>(size) * window_energy);
  }
  return power;
}

double sum_between(const std::vector<double>& power, double hz_per_bin, double low, double high) {
  double sum = 0;
  for (std::size_t k = 0; k < power.size(); ++k) {
    const double hz = static_cast<double>(k) * hz_per_bin;
    if (hz >= low && hz < high) sum += power[k];
  }
  return sum;
}

double decibels(double power) { return 10 * std::log10(power); }

} // namespace

NoiseFloor noise_floor(std::span<const float> silence, double sample_rate) {
  NoiseFloor floor;
  if (silence.size() < 2) return floor;
  const double count = static_cast<double>(silence.size());
  for (const float x : silence) floor.offset += static_cast<double>(x) / count;
  const std::vector<double> power = power_spectrum(silence, floor.offset);
  const double hz_per_bin = sample_rate / (2.0 * static_cast<double>(power.size() - 1));
  const double total = std::accumulate(power.begin(), power.end(), 0.0);
  floor.dbfs = decibels(total);
  for (double centre = 31.25; centre * std::numbers::sqrt2 <= 0.5 * sample_rate && centre < 20000;
       centre *= 2)
    floor.bands.push_back({centre, decibels(sum_between(power, hz_per_bin, centre / std::numbers::sqrt2,
                                                        centre * std::numbers::sqrt2))});
  // A Hann window's main lobe is four bins of the unpadded transform wide.
  const double lobe = std::max(2.0, 2 * sample_rate / count);
  for (const double mains : {50.0, 60.0}) {
    double hum = 0;
    for (int harmonic = 1; harmonic <= 6; ++harmonic)
      hum += sum_between(power, hz_per_bin, harmonic * mains - lobe, harmonic * mains + lobe);
    if (hum > 0.5 * total && lobe < 5) floor.hum_hz = mains;
  }
  return floor;
}

} // namespace raphson::optim::capture
