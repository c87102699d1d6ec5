#include "optim/match/align.h"

#include "optim/engine/fourier.h"
#include "optim/engine/rational_fit.h"

#include <unsupported/Eigen/FFT>

#include <algorithm>
#include <cmath>
#include <complex>
#include <numbers>

namespace raphson::optim::match {
namespace {

using Spectrum = std::vector<std::complex<double>>;

std::size_t power_of_two_at_least(std::size_t n) {
  std::size_t p = 1;
  while (p < n) p *= 2;
  return p;
}

/// Where `window` samples of the signal hold the most energy.
std::size_t loudest_window(std::span<const float> x, std::size_t window) {
  if (x.size() <= window) return 0;
  constexpr std::size_t hop = 1024;
  std::vector<double> energy_before{0};
  for (std::size_t from = 0; from < x.size(); from += hop) {
    double energy = 0;
    for (std::size_t n = from; n < std::min(from + hop, x.size()); ++n) energy += double(x[n]) * double(x[n]);
    energy_before.push_back(energy_before.back() + energy);
  }
  const std::size_t hops = window / hop;
  std::size_t best = 0;
  for (std::size_t h = 0; h + hops < energy_before.size(); ++h)
    if (energy_before[h + hops] - energy_before[h] > energy_before[best + hops] - energy_before[best])
      best = h;
  return best * hop;
}

double normalised_correlation(std::span<const float> dry, std::span<const float> wet, std::ptrdiff_t delay) {
  double cross = 0, dry_energy = 0, wet_energy = 0;
  const auto begin = static_cast<std::size_t>(std::max<std::ptrdiff_t>(0, -delay));
  for (std::size_t n = begin; n < dry.size(); ++n) {
    const auto m = static_cast<std::size_t>(static_cast<std::ptrdiff_t>(n) + delay);
    if (m >= wet.size()) break;
    cross += double(dry[n]) * double(wet[m]);
    dry_energy += double(dry[n]) * double(dry[n]);
    wet_energy += double(wet[m]) * double(wet[m]);
  }
  return dry_energy > 0 && wet_energy > 0 ? cross / std::sqrt(dry_energy * wet_energy) : 0;
}

template <class Sample> Spectrum spectrum(std::span<const Sample> x, std::size_t size) {
  std::vector<double> padded(size, 0.0);
  std::copy_n(x.begin(), std::min(x.size(), size), padded.begin());
  Spectrum bins;
  Eigen::FFT<double> fft;
  fft.SetFlag(Eigen::FFT<double>::HalfSpectrum);
  fft.fwd(bins, padded);
  return bins;
}

} // namespace

Alignment align(std::span<const float> dry, std::span<const float> wet, double sample_rate,
                double maximum_delay_seconds, double window_seconds) {
  const auto reach = static_cast<std::size_t>(maximum_delay_seconds * sample_rate);
  const auto window = static_cast<std::size_t>(window_seconds * sample_rate);
  // The wet window is wider by the reach on both sides; `lead` of it could be had before the dry one.
  const std::size_t start = loudest_window(dry, window);
  const auto part = dry.subspan(start, std::min(window, dry.size() - start));
  const std::size_t wet_start = std::min(start > reach ? start - reach : 0, wet.size());
  const auto wide = wet.subspan(wet_start, std::min(part.size() + 2 * reach, wet.size() - wet_start));
  const auto lead = static_cast<std::ptrdiff_t>(start) - static_cast<std::ptrdiff_t>(wet_start);

  const std::size_t size = power_of_two_at_least(part.size() + wide.size() + reach);
  Spectrum cross = spectrum(wide, size);
  const Spectrum reference = spectrum(part, size);
  for (std::size_t bin = 0; bin < cross.size(); ++bin) {
    const std::complex<double> product = cross[bin] * std::conj(reference[bin]);
    const double magnitude = std::abs(product);
    cross[bin] = magnitude > 0 ? product / std::sqrt(magnitude) : 0.0;
  }
  std::vector<double> correlation;
  Eigen::FFT<double> fft;
  fft.SetFlag(Eigen::FFT<double>::HalfSpectrum);
  fft.inv(correlation, cross, static_cast<Eigen::Index>(size));

  std::ptrdiff_t best = 0;
  double highest = -1;
  const auto extent = static_cast<std::ptrdiff_t>(reach);
  for (std::ptrdiff_t delay = -extent; delay <= extent; ++delay) {
    const std::ptrdiff_t lag = delay + lead; // of the wide window against the part
    const auto wrapped = static_cast<std::size_t>(lag < 0 ? lag + static_cast<std::ptrdiff_t>(size) : lag);
    if (std::abs(correlation[wrapped]) > highest) {
      highest = std::abs(correlation[wrapped]);
      best = delay;
    }
  }
  const double sign =
      normalised_correlation(part, wet.subspan(start < wet.size() ? start : wet.size()), best);
  const double whole = start == 0 ? sign : normalised_correlation(dry, wet, best);
  return {static_cast<double>(best), whole < 0, std::abs(whole)};
}

double fractional_delay_between(std::span<const double> early, std::span<const float> late) {
  const std::size_t size = power_of_two_at_least(early.size() + 64);
  const Spectrum a = spectrum(early, size), b = spectrum(late, size);
  double delay = 0;
  for (int iteration = 0; iteration < 20; ++iteration) {
    double first = 0, second = 0;
    for (std::size_t bin = 1; bin < a.size(); ++bin) {
      const double w = 2 * std::numbers::pi * static_cast<double>(bin) / static_cast<double>(size);
      const std::complex<double> shifted = std::conj(a[bin]) * b[bin] * std::polar(1.0, w * delay);
      first -= w * shifted.imag();
      second -= w * w * shifted.real();
    }
    if (!(second < 0)) break; // not near the peak
    const double step = std::clamp(-first / second, -0.5, 0.5);
    delay = std::clamp(delay + step, -2.0, 2.0);
    if (std::abs(step) < 1e-9) break;
  }
  return delay;
}

std::ptrdiff_t causal_delay(std::span<const double> early, std::span<const double> late, std::ptrdiff_t peak,
                            std::ptrdiff_t lowest) {
  constexpr std::ptrdiff_t below = 8;
  constexpr std::size_t taps = 64;
  const auto from = [](std::span<const double> x, std::ptrdiff_t first) {
    return x.subspan(static_cast<std::size_t>(std::clamp<std::ptrdiff_t>(first, 0, std::ssize(x))));
  };
  std::vector<double> errors; // up to that of peak
  for (std::ptrdiff_t shift = std::min(peak, std::max(lowest, peak - below)); shift <= peak; ++shift) {
    const auto x = from(early, -shift), y = from(late, shift);
    const std::size_t count = std::min(x.size(), y.size());
    if (count <= 2 * taps) return peak; // too short to tell
    std::vector<double> estimate(count);
    causal_convolution(x.first(count), fit_fir(x.first(count), y.first(count), taps), estimate);
    errors.push_back(esr_from(estimate, y.first(count), taps));
  }
  const double bound = 1.02 * *std::min_element(errors.begin(), errors.end());
  const auto last = std::find_if(errors.rbegin(), errors.rend(), [=](double e) { return e <= bound; });
  return peak - (last - errors.rbegin());
}

} // namespace raphson::optim::match
