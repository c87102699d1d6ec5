#include "optim/data/spectrogram.h"

#include "dsp/error.h"
#include "dsp/spectrum/real_fft.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <complex>
#include <numbers>
#include <numeric>
#include <string>
#include <vector>

namespace raphson::optim::data {
namespace {

std::vector<double> hann(std::size_t length) {
  std::vector<double> window(length);
  for (std::size_t i = 0; i < length; ++i)
    window[i] =
        0.5 - 0.5 * std::cos(2 * std::numbers::pi * static_cast<double>(i) / static_cast<double>(length));
  return window;
}

Frames checked(Frames frames) {
  if (frames.fft_length == 0) frames.fft_length = frames.length;
  if (frames.length < 2 || frames.hop == 0 || frames.fft_length < frames.length)
    throw InputError("frames of " + std::to_string(frames.length) + " samples, " + std::to_string(frames.hop)
                     + " apart, with a transform of " + std::to_string(frames.fft_length)
                     + "; at least 2, 1 and the frame's length are needed");
  return frames;
}

} // namespace

Frames frames_of(double sample_rate, double length_ms, double hop_ms) {
  const auto samples = [sample_rate](double ms) {
    const double count = std::round(sample_rate * ms / 1000);
    if (!(count >= 1 && count <= 1 << 24))
      throw InputError("frames of " + std::to_string(ms) + " ms at " + std::to_string(sample_rate)
                       + " Hz, at least one sample is needed");
    return static_cast<std::size_t>(count);
  };
  const std::size_t length = samples(length_ms);
  return {length, samples(hop_ms), std::bit_ceil(length)};
}

RowMatrix power_spectra(std::span<const float> samples, const Frames& given) {
  const Frames frames = checked(given);
  const std::vector<double> window = hann(frames.length);
  const double sum = std::accumulate(window.begin(), window.end(), 0.0);
  const std::size_t count =
      samples.size() <= frames.length ? 1 : 1 + (samples.size() - frames.length) / frames.hop;
  dsp::RealFft fft(frames.fft_length);
  std::vector<double> frame(frames.fft_length);
  std::vector<std::complex<double>> bins(fft.bins());
  RowMatrix power(static_cast<Eigen::Index>(count), static_cast<Eigen::Index>(fft.bins()));
  for (std::size_t t = 0; t < count; ++t) {
    const std::span<const float> from = samples.subspan(t * frames.hop);
    const std::size_t length = std::min(frames.length, from.size());
    std::fill(frame.begin(), frame.end(), 0.0);
    for (std::size_t i = 0; i < length; ++i) frame[i] = window[i] * static_cast<double>(from[i]);
    fft.forward(frame, bins);
    for (std::size_t k = 0; k < bins.size(); ++k)
      power(static_cast<Eigen::Index>(t), static_cast<Eigen::Index>(k)) = std::norm(bins[k]) / (sum * sum);
  }
  return power;
}

void to_log(RowMatrix& power, double floor) { power = power.array().max(floor).log().matrix(); }

double mel_of_hz(double hz) { return 2595 * std::log10(1 + hz / 700); }
double hz_of_mel(double mel) { return 700 * (std::pow(10, mel / 2595) - 1); }

RowMatrix mel_filterbank(const MelBands& mel, std::size_t fft_length, double sample_rate) {
  const double high_hz = mel.high_hz == 0 ? sample_rate / 2 : mel.high_hz;
  if (mel.bands == 0 || !(mel.low_hz >= 0 && mel.low_hz < high_hz && high_hz <= sample_rate / 2))
    throw InputError(std::to_string(mel.bands) + " mel bands from " + std::to_string(mel.low_hz) + " to "
                     + std::to_string(high_hz) + " Hz; at least one, upwards and up to half the sample rate ("
                     + std::to_string(sample_rate / 2) + " Hz) is needed");
  const double low = mel_of_hz(mel.low_hz),
               step = (mel_of_hz(high_hz) - low) / static_cast<double>(mel.bands + 1);
  const auto bins = static_cast<Eigen::Index>(fft_length / 2 + 1);
  RowMatrix bank(static_cast<Eigen::Index>(mel.bands), bins);
  for (Eigen::Index b = 0; b < bank.rows(); ++b) {
    const auto edge = [&](int k) { return hz_of_mel(low + step * static_cast<double>(b + k)); };
    const double begin = edge(0), top = edge(1), end = edge(2);
    for (Eigen::Index k = 0; k < bins; ++k) {
      const double hz = static_cast<double>(k) * sample_rate / static_cast<double>(fft_length);
      bank(b, k) = std::max(0.0, std::min((hz - begin) / (top - begin), (end - hz) / (end - top)));
    }
    if (bank.row(b).maxCoeff() <= 0)
      throw InputError("mel band " + std::to_string(b + 1) + " of " + std::to_string(mel.bands)
                       + " holds no bin of a transform of " + std::to_string(fft_length) + " samples at "
                       + std::to_string(sample_rate) + " Hz; fewer bands or longer frames are needed");
  }
  return bank;
}

RowMatrix log_mel(std::span<const float> samples, double sample_rate, const Frames& given,
                  const MelBands& mel) {
  const Frames frames = checked(given);
  const RowMatrix bank = mel_filterbank(mel, frames.fft_length, sample_rate);
  RowMatrix bands = power_spectra(samples, frames) * bank.transpose();
  to_log(bands);
  return bands;
}

RowMatrix dct_matrix(std::size_t n) {
  const auto size = static_cast<Eigen::Index>(n);
  RowMatrix matrix(size, size);
  for (Eigen::Index k = 0; k < size; ++k)
    for (Eigen::Index t = 0; t < size; ++t)
      matrix(k, t) =
          std::sqrt((k == 0 ? 1.0 : 2.0) / static_cast<double>(n))
          * std::cos(std::numbers::pi * static_cast<double>(k * (2 * t + 1)) / static_cast<double>(2 * n));
  return matrix;
}

RowMatrix cepstra(const RowMatrix& log_mel, std::size_t coefficients) {
  if (coefficients == 0 || static_cast<Eigen::Index>(coefficients) > log_mel.cols())
    throw InputError(std::to_string(coefficients) + " cepstral coefficients of "
                     + std::to_string(log_mel.cols())
                     + " mel bands, at least one and no more than there are bands are needed");
  return log_mel
         * dct_matrix(static_cast<std::size_t>(log_mel.cols()))
               .topRows(static_cast<Eigen::Index>(coefficients))
               .transpose();
}

} // namespace raphson::optim::data
