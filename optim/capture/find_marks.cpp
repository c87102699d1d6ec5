#include "optim/capture/find_marks.h"

#include "dsp/units.h"
#include "optim/capture/mark.h"
#include "optim/match/align.h"

#include <unsupported/Eigen/FFT>

#include <algorithm>
#include <cmath>
#include <complex>
#include <numbers>

namespace raphson::optim::capture {
namespace {

using Spectrum = std::vector<std::complex<double>>;

constexpr double least_correlation = 0.2; // noise of equal energy leaves 0.7, unrelated music below 0.1
constexpr double silence_power = 1e-14;   // per sample in the band: -140 dBFS, below 24 bits

struct Candidate {
  std::size_t position;
  double correlation; // without sign
};

class Fourier {
public:
  explicit Fourier(std::size_t size) : size_(size) { fft_.SetFlag(Eigen::FFT<double>::HalfSpectrum); }
  Spectrum forward(const std::vector<double>& x) {
    Spectrum bins;
    fft_.fwd(bins, x);
    return bins;
  }
  std::vector<double> inverse(const Spectrum& bins) {
    std::vector<double> x;
    fft_.inv(x, bins, static_cast<Eigen::Index>(size_));
    return x;
  }

private:
  std::size_t size_;
  Eigen::FFT<double> fft_;
};

/// What lies outside the marks' band says nothing about them: DC, hum, harmonics of clipping.
void keep_band(Spectrum& bins, std::size_t size, double sample_rate, double low_hz, double high_hz) {
  for (std::size_t k = 0; k < bins.size(); ++k) {
    const double hz = static_cast<double>(k) * sample_rate / static_cast<double>(size);
    if (hz < 0.9 * low_hz || hz > 1.1 * high_hz) bins[k] = 0;
  }
}

/// The matched filter of the sync chirp, by overlap-save: calls each(position, correlation) in order.
template <class Each>
void correlate(std::span<const float> recording, const std::vector<double>& chirp, double sample_rate,
               const MarkSound& sound, double speed, const FindProgress& progress, const Each& each) {
  std::size_t size = 1 << 15;
  while (size < 8 * chirp.size()) size *= 2;
  const std::size_t hop = size - chirp.size() + 1;
  Fourier fourier(size);
  std::vector<double> block = chirp;
  block.resize(size);
  const Spectrum reference = fourier.forward(block);
  double chirp_energy = 0;
  for (const double x : chirp) chirp_energy += x * x;

  for (std::size_t from = 0; from < recording.size(); from += hop) {
    if (progress) progress(static_cast<double>(from) / static_cast<double>(recording.size()));
    block.assign(size, 0.0);
    const std::size_t count = std::min(size, recording.size() - from);
    std::copy_n(recording.begin() + static_cast<std::ptrdiff_t>(from), count, block.begin());
    Spectrum bins = fourier.forward(block);
    keep_band(bins, size, sample_rate, speed * sound.low_hz(), speed * sound.high_hz());
    const std::vector<double> in_band = fourier.inverse(bins);
    for (std::size_t k = 0; k < bins.size(); ++k) bins[k] *= std::conj(reference[k]);
    const std::vector<double> matched = fourier.inverse(bins);
    std::vector<double> energy(size + 1);
    for (std::size_t n = 0; n < size; ++n) energy[n + 1] = energy[n] + in_band[n] * in_band[n];
    for (std::size_t n = 0; n < std::min(hop, count); ++n) {
      const double here = energy[n + chirp.size()] - energy[n];
      const bool silent = here < silence_power * static_cast<double>(chirp.size());
      each(from + n, silent ? 0 : std::abs(matched[n]) / std::sqrt(chirp_energy * here));
    }
  }
}

/// The code behind a sync chirp, whichever way each bit's chirp runs.
std::uint32_t read_bits(std::span<const float> recording, std::size_t position, double sample_rate,
                        const MarkSound& sound, double speed) {
  const auto length = static_cast<std::size_t>(MarkSound::bit_seconds * sample_rate / speed);
  // A clock off by the largest drift moves the last bit this far.
  const auto reach = static_cast<std::ptrdiff_t>(
      std::ceil(1.5e-6 * largest_drift_ppm * MarkSound::seconds * sample_rate / speed) + 4);
  std::vector<std::complex<double>> chirps[2];
  for (const bool up : {false, true})
    for (std::size_t n = 0; n < length; ++n) {
      const double t = static_cast<double>(n) * speed / sample_rate;
      chirps[up].push_back({sound.bit(up, t), sound.bit_quadrature(up, t)});
    }
  const auto strongest = [&](bool up, double start) {
    double most = 0;
    for (std::ptrdiff_t lag = -reach; lag <= reach; ++lag) {
      const std::ptrdiff_t from = std::lround(start) + lag;
      if (from < 0 || static_cast<std::size_t>(from) + length > recording.size()) continue;
      std::complex<double> sum = 0;
      for (std::size_t n = 0; n < length; ++n)
        sum += chirps[up][n] * static_cast<double>(recording[static_cast<std::size_t>(from) + n]);
      most = std::max(most, std::norm(sum));
    }
    return most;
  };
  std::uint32_t bits = 0;
  for (int i = 0; i < mark_bits; ++i) {
    const double start = static_cast<double>(position)
                         + (MarkSound::sync_seconds + i * MarkSound::bit_seconds) * sample_rate / speed;
    bits = (bits << 1) | (strongest(true, start) > strongest(false, start) ? 1u : 0u);
  }
  return bits;
}

std::size_t power_of_two_at_least(std::size_t n) {
  std::size_t p = 1;
  while (p < n) p *= 2;
  return p;
}

/// recording[from, from + count), zeros outside of it.
std::vector<float> window(std::span<const float> recording, std::ptrdiff_t from, std::size_t count) {
  std::vector<float> out(count);
  for (std::size_t i = 0; i < count; ++i) {
    const std::ptrdiff_t at = from + static_cast<std::ptrdiff_t>(i);
    if (at >= 0 && at < static_cast<std::ptrdiff_t>(recording.size()))
      out[i] = recording[static_cast<std::size_t>(at)];
  }
  return out;
}

double correlation_at(const std::vector<double>& mark, std::span<const float> recording, std::ptrdiff_t at) {
  double sum = 0;
  const auto size = static_cast<std::ptrdiff_t>(recording.size());
  const std::ptrdiff_t first = std::max<std::ptrdiff_t>(0, -at);
  const std::ptrdiff_t last = std::min(static_cast<std::ptrdiff_t>(mark.size()), size - at);
  for (std::ptrdiff_t n = first; n < last; ++n)
    sum +=
        mark[static_cast<std::size_t>(n)] * static_cast<double>(recording[static_cast<std::size_t>(at + n)]);
  return sum;
}

} // namespace

FoundMarks find_marks(const Plan& plan, std::span<const float> recording, double speed,
                      const FindProgress& progress) {
  const MarkSound sound(plan.sample_rate);
  std::vector<double> chirp(static_cast<std::size_t>(MarkSound::sync_seconds * plan.sample_rate / speed));
  for (std::size_t n = 0; n < chirp.size(); ++n)
    chirp[n] = sound.sync(static_cast<double>(n) * speed / plan.sample_rate);

  FoundMarks found;
  std::vector<Candidate> candidates;
  const std::size_t apart = chirp.size() / 2;
  correlate(recording, chirp, plan.sample_rate, sound, speed, progress, [&](std::size_t at, double value) {
    found.best_correlation = std::max(found.best_correlation, value);
    if (value < least_correlation) return;
    if (!candidates.empty() && at - candidates.back().position < apart) {
      if (value > candidates.back().correlation) candidates.back() = {at, value};
    } else {
      candidates.push_back({at, value});
    }
  });

  std::vector<std::optional<std::size_t>> at(plan.marks.size());
  for (const Candidate& candidate : candidates) {
    const auto code = decode(read_bits(recording, candidate.position, plan.sample_rate, sound, speed));
    if (!code) continue;
    const auto mark = std::find_if(plan.marks.begin(), plan.marks.end(),
                                   [&](const PlanMark& m) { return m.number == code->number; });
    if (code->plan != plan.id || mark == plan.marks.end()) {
      found.foreign_plans.insert(code->plan);
      continue;
    }
    const auto index = static_cast<std::size_t>(mark - plan.marks.begin());
    if (at[index]) found.repeated.insert(index);
    at[index] = candidate.position;
  }
  for (std::size_t i = 0; i < at.size(); ++i)
    if (at[i]) found.marks.push_back({i, static_cast<double>(*at[i]), 0, 0});
  return found;
}

FoundMark measure_mark(const Plan& plan, std::size_t index, std::span<const float> recording, double near,
                       double stretch) {
  // The sync chirp's filter alone is off by some 0.12 ms at the largest drift.
  const auto reach = static_cast<std::ptrdiff_t>(std::ceil(3e-4 * plan.sample_rate)) + 4;
  constexpr std::size_t padding = 64;
  const MarkCode code{plan.marks[index].number, plan.id};
  const std::vector<double> mark = mark_samples(code, plan.sample_rate, stretch);
  std::ptrdiff_t best = std::lround(near);
  double highest = 0;
  for (std::ptrdiff_t lag = -reach; lag <= reach; ++lag) {
    const double value = correlation_at(mark, recording, std::lround(near) + lag);
    if (std::abs(value) > std::abs(highest)) {
      highest = value;
      best = std::lround(near) + lag;
    }
  }
  const std::vector<double> played = mark_samples(code, plan.sample_rate, stretch, padding);
  std::vector<float> heard = window(recording, best - static_cast<std::ptrdiff_t>(padding), played.size());
  const double sign = highest < 0 ? -1 : 1;
  for (float& x : heard) x *= static_cast<float>(sign);
  const double fraction = match::fractional_delay_between(played, heard);

  const std::size_t size = power_of_two_at_least(played.size());
  const MarkSound sound(plan.sample_rate);
  Fourier fourier(size);
  std::vector<double> padded(played.begin(), played.end());
  padded.resize(size);
  Spectrum p = fourier.forward(padded);
  padded.assign(heard.begin(), heard.end());
  padded.resize(size);
  Spectrum h = fourier.forward(padded);
  keep_band(p, size, plan.sample_rate, sound.low_hz(), sound.high_hz());
  keep_band(h, size, plan.sample_rate, sound.low_hz(), sound.high_hz());
  double cross = 0, played_energy = 0, heard_energy = 0;
  for (std::size_t k = 0; k < p.size(); ++k) {
    const double w = 2 * std::numbers::pi * static_cast<double>(k) / static_cast<double>(size);
    cross += (std::conj(p[k]) * h[k] * std::polar(1.0, w * fraction)).real();
    played_energy += std::norm(p[k]);
    heard_energy += std::norm(h[k]);
  }
  const double rho2 =
      heard_energy > 0 ? std::min(cross * cross / (played_energy * heard_energy), 1 - 1e-12) : 0;
  const double amplitude = sign * cross / played_energy / dsp::db_to_gain(plan.mark_dbfs);
  return {index, static_cast<double>(best) + fraction, amplitude, 10 * std::log10(rho2 / (1 - rho2))};
}

} // namespace raphson::optim::capture
