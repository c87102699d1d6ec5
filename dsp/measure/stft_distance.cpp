#include "dsp/measure/stft_distance.h"

#include "dsp/error.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <complex>
#include <numbers>
#include <string>

#include <unsupported/Eigen/FFT>

namespace raphson::dsp {
namespace {

constexpr double power_floor = 1e-8; // auraloss: the clamp under the square root

struct Sums {
  double difference = 0; // sum (T - E)^2
  double target = 0;     // sum T^2
  double log_ratio = 0;  // sum |ln T - ln E|
  double bins = 0;
};

double log_ratio(double numerator, double denominator) { return std::abs(std::log(numerator / denominator)); }

} // namespace

/// One window length: the last `length` samples of both signals, and the sums over the frames so far.
struct StftDistance::Resolution {
  std::size_t length;
  std::size_t hop;
  std::vector<double> window;
  std::vector<double> estimate, target; // the frame under way; starts with half a frame of silence
  std::size_t filled;
  Sums sums;
  mutable Eigen::FFT<double> fft;
  mutable std::vector<double> windowed;
  mutable std::vector<std::complex<double>> estimate_bins, target_bins;

  explicit Resolution(std::size_t window_length)
      : length(window_length), hop(window_length / 4), window(length), estimate(length), target(length),
        filled(length / 2), windowed(length) {
    fft.SetFlag(Eigen::FFT<double>::HalfSpectrum);
    for (std::size_t i = 0; i < length; ++i)
      window[i] =
          0.5 - 0.5 * std::cos(2 * std::numbers::pi * static_cast<double>(i) / static_cast<double>(length));
  }

  void transform(const std::vector<double>& frame, std::vector<std::complex<double>>& bins) const {
    for (std::size_t i = 0; i < length; ++i) windowed[i] = window[i] * frame[i];
    fft.fwd(bins, windowed);
  }

  void add_frame(const std::vector<double>& e_frame, const std::vector<double>& t_frame, Sums& into) const {
    transform(e_frame, estimate_bins);
    transform(t_frame, target_bins);
    for (std::size_t k = 0; k <= length / 2; ++k) {
      const double e2 = std::max(std::norm(estimate_bins[k]), power_floor);
      const double t2 = std::max(std::norm(target_bins[k]), power_floor);
      const double difference = std::sqrt(t2) - std::sqrt(e2);
      into.difference += difference * difference;
      into.target += t2;
      into.log_ratio += 0.5 * log_ratio(t2, e2);
    }
    into.bins += static_cast<double>(length / 2 + 1);
  }

  void advance(std::vector<double>& frame) const {
    std::copy(frame.begin() + static_cast<std::ptrdiff_t>(hop), frame.end(), frame.begin());
  }

  void add(std::span<const float> e, std::span<const float> t) {
    for (std::size_t done = 0; done < e.size();) {
      const std::size_t count = std::min(e.size() - done, length - filled);
      std::copy_n(e.begin() + static_cast<std::ptrdiff_t>(done), count,
                  estimate.begin() + static_cast<std::ptrdiff_t>(filled));
      std::copy_n(t.begin() + static_cast<std::ptrdiff_t>(done), count,
                  target.begin() + static_cast<std::ptrdiff_t>(filled));
      done += count;
      filled += count;
      if (filled < length) return;
      add_frame(estimate, target, sums);
      advance(estimate);
      advance(target);
      filled -= hop;
    }
  }

  /// With the frames that reach into half a frame of silence after the end.
  Sums complete() const {
    Sums all = sums;
    std::vector<double> e = estimate, t = target;
    std::size_t silence = length / 2;
    std::size_t at = filled;
    while (at + silence >= length) {
      std::fill(e.begin() + static_cast<std::ptrdiff_t>(at), e.end(), 0.0);
      std::fill(t.begin() + static_cast<std::ptrdiff_t>(at), t.end(), 0.0);
      silence -= length - at;
      add_frame(e, t, all);
      advance(e);
      advance(t);
      at = length - hop;
    }
    return all;
  }
};

StftDistance::StftDistance(std::vector<std::size_t> window_lengths) {
  if (window_lengths.empty()) throw InputError("an STFT distance needs at least one window length");
  for (const std::size_t length : window_lengths) {
    if (length < 16 || !std::has_single_bit(length))
      throw InputError("an STFT window is a power of two from 16 on, not " + std::to_string(length));
    resolutions_.push_back(std::make_unique<Resolution>(length));
  }
}
StftDistance::~StftDistance() = default;
StftDistance::StftDistance(StftDistance&&) noexcept = default;
StftDistance& StftDistance::operator=(StftDistance&&) noexcept = default;

void StftDistance::add(std::span<const float> estimate, std::span<const float> target) {
  if (estimate.size() != target.size())
    throw InputError("an STFT distance needs signals of one length, not " + std::to_string(estimate.size())
                     + " and " + std::to_string(target.size()) + " samples");
  for (const auto& resolution : resolutions_) resolution->add(estimate, target);
}

StftDistanceResult StftDistance::result() const {
  StftDistanceResult mean;
  const auto count = static_cast<double>(resolutions_.size());
  for (const auto& resolution : resolutions_) {
    const Sums sums = resolution->complete();
    mean.spectral_convergence += std::sqrt(sums.difference / sums.target) / count;
    mean.log_magnitude += sums.log_ratio / sums.bins / count;
  }
  return mean;
}

StftDistanceResult stft_distance(std::span<const float> estimate, std::span<const float> target) {
  StftDistance distance;
  distance.add(estimate, target);
  return distance.result();
}

} // namespace raphson::dsp
