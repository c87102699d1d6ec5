// A simulated unit between a player and a recorder: compressor, level, delay of any part of a sample, a clock
// of its own, polarity, DC, noise, clipping. What it does is known, so that what the marks say of it can be
// judged.
#pragma once

#include "dsp/chain/processor.h"
#include "optim/data/audio_file.h"
#include "optim/engine/random.h"

#include <algorithm>
#include <cmath>
#include <complex>
#include <numbers>
#include <optional>
#include <vector>

struct Device {
  std::optional<raphson::dsp::ChainSettings> compressor{};
  double gain = 1;
  double delay_samples = 0; ///< the recording begins so much before playback does
  double drift_ppm = 0;     ///< by which the recorder's clock is fast
  bool inverted = false;
  double offset = 0;
  double noise_rms = 0;
  double clip_at = 0; ///< 0: nowhere
  double tail_seconds = 0.5;
};

/// The published values of the LA-2A at a peak reduction of 70, assets/models/la2a.raphson.json.
inline raphson::dsp::ChainSettings la2a(double threshold_db = -19.8358) {
  raphson::dsp::ChainSettings chain = raphson::dsp::parse_chain("compressor");
  chain.set_values(std::vector<double>{threshold_db, 4.28901, 3.84972, 254.912, 0.423801, 0, 0, 0});
  return chain;
}

inline std::vector<float> compressed(const std::vector<float>& x, const Device& device, double sample_rate) {
  std::vector<float> y = x;
  if (device.compressor)
    raphson::dsp::ChainProcessor(*device.compressor, sample_rate)
        .process(std::span<const float>(x), std::span<float>(y));
  return y;
}

/// x at any time between its samples: a sinc under a Blackman-Harris window of 128 samples (Harris 1978), in
/// double, and independent of the library's interpolation. Good to -90 dB below 0.9 of Nyquist.
inline double between_samples(const std::vector<float>& x, double t) {
  constexpr int half = 64;
  const double whole = std::floor(t), fraction = t - whole;
  const auto base = static_cast<std::ptrdiff_t>(whole);
  if (fraction == 0)
    return base >= 0 && base < static_cast<std::ptrdiff_t>(x.size())
               ? double(x[static_cast<std::size_t>(base)])
               : 0;
  const double step = std::numbers::pi / half;
  const std::complex<double> turn = std::polar(1.0, step);
  std::complex<double> at = std::polar(1.0, step * (1 - half - fraction));
  const double sine = std::sin(std::numbers::pi * fraction) / std::numbers::pi;
  double sum = 0;
  for (int k = 1 - half; k <= half; ++k, at *= turn) {
    const std::ptrdiff_t n = base + k;
    if (n < 0 || n >= static_cast<std::ptrdiff_t>(x.size())) continue;
    const double c = at.real(), c2 = 2 * c * c - 1, c3 = c * (2 * c2 - 1);
    const double window = 0.35875 + 0.48829 * c + 0.14128 * c2 + 0.01168 * c3;
    const double sinc = (k % 2 ? -sine : sine) / (fraction - k);
    sum += window * sinc * static_cast<double>(x[static_cast<std::size_t>(n)]);
  }
  return sum;
}

inline std::vector<float> returned(const std::vector<float>& played, const Device& device, double sample_rate,
                                   std::uint64_t seed = 1) {
  const std::vector<float> wet = compressed(played, device, sample_rate);
  const double stretch = 1 + 1e-6 * device.drift_ppm;
  const auto frames = static_cast<std::size_t>(std::ceil(
      device.delay_samples + stretch * static_cast<double>(wet.size()) + device.tail_seconds * sample_rate));
  raphson::optim::RandomStream noise(seed, "noise");
  std::vector<float> out(frames);
  for (std::size_t n = 0; n < frames; ++n) {
    double y = between_samples(wet, (static_cast<double>(n) - device.delay_samples) / stretch);
    y *= device.inverted ? -device.gain : device.gain;
    y += device.offset + device.noise_rms * noise.normal();
    if (device.clip_at > 0) y = std::clamp(y, -device.clip_at, device.clip_at);
    out[n] = static_cast<float>(y);
  }
  return out;
}

/// Of the estimate against target[from, from + its length).
inline double esr(const std::vector<float>& estimate, const std::vector<float>& target,
                  std::size_t from = 0) {
  double error = 0, energy = 0;
  for (std::size_t n = 0; n < estimate.size(); ++n) {
    const double e = double(estimate[n]) - double(target[from + n]);
    error += e * e;
    energy += double(target[from + n]) * double(target[from + n]);
  }
  return error / energy;
}
