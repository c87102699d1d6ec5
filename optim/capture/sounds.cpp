#include "optim/capture/sounds.h"

#include "dsp/units.h"

#include <unsupported/Eigen/FFT>

#include <algorithm>
#include <cmath>
#include <complex>
#include <numbers>

namespace raphson::optim::capture {
namespace {

constexpr double pi = std::numbers::pi;
constexpr double step_seconds = 0.0005;

double smooth(double x) { return 0.5 - 0.5 * std::cos(pi * std::clamp(x, 0.0, 1.0)); }

/// The level at a time between breakpoints `i` and `i + 1`.
double level_at(std::span<const LevelPoint> levels, std::size_t i, double t) {
  if (i + 1 >= levels.size()) return levels.back().db;
  const LevelPoint &a = levels[i], &b = levels[i + 1];
  return b.seconds > a.seconds ? a.db + (b.db - a.db) * (t - a.seconds) / (b.seconds - a.seconds) : b.db;
}

} // namespace

double highest_hz(double sample_rate) { return std::min(20000.0, 0.42 * sample_rate); }

std::vector<double> tone(std::size_t frames, double sample_rate, double hz,
                         std::span<const LevelPoint> levels) {
  std::vector<double> samples(frames);
  std::size_t i = 0;
  double before = 0, stepped = -1; // the gain before the last step, and when that was
  for (std::size_t n = 0; n < frames; ++n) {
    const double t = static_cast<double>(n) / sample_rate;
    while (i + 1 < levels.size() && levels[i + 1].seconds <= t) {
      ++i;
      if (levels[i].seconds == levels[i - 1].seconds) {
        before = dsp::db_to_gain(levels[i - 1].db);
        stepped = levels[i].seconds;
      }
    }
    double gain = dsp::db_to_gain(level_at(levels, i, t));
    if (stepped >= 0 && t < stepped + step_seconds)
      gain = before + (gain - before) * smooth((t - stepped) / step_seconds);
    samples[n] = gain * std::sin(2 * pi * hz * t);
  }
  const std::size_t edge = std::min(frames / 2, static_cast<std::size_t>(0.005 * sample_rate));
  for (std::size_t n = 0; n < edge; ++n) {
    const double gain = smooth(static_cast<double>(n) / static_cast<double>(edge));
    samples[n] *= gain;
    samples[frames - 1 - n] *= gain;
  }
  return samples;
}

std::vector<double> log_sweep(std::size_t frames, double sample_rate, double from_hz, double to_hz) {
  std::vector<double> samples(frames);
  const double duration = static_cast<double>(frames) / sample_rate;
  const double rise = std::log(to_hz / from_hz);
  for (std::size_t n = 0; n < frames; ++n) {
    const double at = static_cast<double>(n) / static_cast<double>(frames);
    const double turns = from_hz * duration / rise * (std::exp(rise * at) - 1);
    samples[n] = smooth(100 * at) * smooth(100 * (1 - at)) * std::sin(2 * pi * turns);
  }
  return samples;
}

std::vector<double> pink_noise(std::size_t frames, double sample_rate, RandomStream& random) {
  std::size_t size = 2;
  while (size < frames) size *= 2;
  std::vector<std::complex<double>> bins(size / 2 + 1);
  for (std::size_t k = 0; k < bins.size(); ++k) {
    const double hz = static_cast<double>(k) * sample_rate / static_cast<double>(size);
    if (hz < 40 || hz > highest_hz(sample_rate)) continue;
    const double re = random.normal(), im = random.normal();
    bins[k] = std::complex<double>(re, im) / std::sqrt(hz);
  }
  std::vector<double> samples;
  Eigen::FFT<double> fft;
  fft.SetFlag(Eigen::FFT<double>::HalfSpectrum);
  fft.inv(samples, bins, static_cast<Eigen::Index>(size));
  samples.resize(frames);
  double energy = 0;
  for (const double x : samples) energy += x * x;
  const double scale = energy > 0 ? std::sqrt(static_cast<double>(frames) / energy) : 0;
  for (double& x : samples) x *= scale;
  return samples;
}

std::vector<double> speech_envelope(std::size_t frames, double sample_rate, RandomStream& random) {
  std::vector<double> envelope(frames);
  std::size_t at = 0;
  const auto length = [&](double low, double high) {
    return static_cast<std::size_t>(random.uniform(low, high) * sample_rate);
  };
  while (at < frames) {
    const std::size_t phrase_end = at + length(1.5, 4);
    const double phrase_db = random.uniform(-12, 0);
    while (at < std::min(phrase_end, frames)) {
      const std::size_t syllable = std::max<std::size_t>(2, length(0.08, 0.3));
      const double gain = dsp::db_to_gain(phrase_db + random.uniform(-30, 0));
      // Up in a quarter of its length, down in the rest: consonants are short.
      for (std::size_t n = 0; n < syllable && at + n < frames; ++n) {
        const double x = static_cast<double>(n) / static_cast<double>(syllable);
        envelope[at + n] = gain * (x < 0.25 ? smooth(4 * x) : smooth((1 - x) / 0.75));
      }
      at += syllable;
    }
    at += length(0.1, 0.8);
  }
  const double peak = frames ? *std::max_element(envelope.begin(), envelope.end()) : 0;
  if (peak > 0)
    for (double& x : envelope) x /= peak;
  return envelope;
}

void set_peak(std::span<double> samples, double db) {
  double peak = 0;
  for (const double x : samples) peak = std::max(peak, std::abs(x));
  if (peak == 0) return;
  for (double& x : samples) x *= dsp::db_to_gain(db) / peak;
}

} // namespace raphson::optim::capture
