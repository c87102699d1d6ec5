// Spectra of a recording, frame by frame, and what is made of them: log spectra, log-mel bands, cepstra.
//
//   power      P[t][k] = |FFT(w x_t)[k]|^2 / (sum w)^2, x_t the frame from t hop on, w a periodic Hann
//   window: a
//              sine of amplitude a in the middle of a bin gives a^2 / 4 there
//   log        ln max(P, 1e-10), that is down to 100 dB below full scale
//   mel        m(f) = 2595 log10(1 + f / 700) (HTK); triangles of height 1 whose feet are their neighbours'
//   tops,
//              evenly spaced on this scale from low_hz to high_hz (S. Davis & P. Mermelstein, IEEE Trans.
//              ASSP 28, 1980; S. Young et al., The HTK Book)
//   cepstrum   the orthonormal DCT-II of the log-mel bands, coefficient 0 first
//
// Frames are whole ones, 1 + (samples - length) / hop of them; a recording shorter than a frame is one frame,
// filled up with silence. Everything is in double. Throws InputError for lengths of 0, frequencies out of
// order or beyond half the sample rate, and more bands than the bins can tell apart.
#pragma once

#include "optim/data/dataset.h"

#include <cstddef>
#include <span>

namespace raphson::optim::data {

inline constexpr double power_floor = 1e-10; // -100 dB

struct Frames {
  std::size_t length = 512, hop = 256; ///< samples
  std::size_t fft_length = 0;          ///< at least length, filled up with zeros; 0: the length itself
};

/// The frame and hop of these durations, rounded to samples, the transform the next power of two.
Frames frames_of(double sample_rate, double length_ms, double hop_ms);

/// [frame][bin], fft_length / 2 + 1 bins.
RowMatrix power_spectra(std::span<const float> samples, const Frames& frames);

/// ln max(x, floor), element by element.
void to_log(RowMatrix& power, double floor = power_floor);

struct MelBands {
  std::size_t bands = 40;
  double low_hz = 0;
  double high_hz = 0; ///< 0: half the sample rate
};

double mel_of_hz(double hz);
double hz_of_mel(double mel);

/// [band][bin] for spectra of this many bins (fft_length / 2 + 1). Throws where a band would hold no bin.
RowMatrix mel_filterbank(const MelBands& mel, std::size_t fft_length, double sample_rate);

/// [frame][band], the logarithm included.
RowMatrix log_mel(std::span<const float> samples, double sample_rate, const Frames& frames,
                  const MelBands& mel);

/// The orthonormal DCT-II [coefficient][sample]: sqrt(2 / n) cos(pi k (t + 1/2) / n), row 0 divided by
/// sqrt 2. Its transpose is its inverse.
RowMatrix dct_matrix(std::size_t n);

/// [frame][coefficient] of the log-mel spectra, the first `coefficients` of them.
RowMatrix cepstra(const RowMatrix& log_mel, std::size_t coefficients);

} // namespace raphson::optim::data
