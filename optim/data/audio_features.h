// Features of short recordings: a row a clip or a row a frame, with classes from the clips' labels (and, for
// programs, the clips themselves for speakers and takes). What each figure is, spectrogram.h says.
#pragma once

#include "optim/data/clips.h"
#include "optim/data/dataset.h"
#include "optim/data/spectrogram.h"

#include <span>

namespace raphson::optim::data {

/// Five simple figures a clip, named duration_s, level_db, centroid_hz, bandwidth_hz, zero_crossings_hz: its
/// length; 10 log10 of the mean square (at least 1e-10); mean and deviation of frequency, weighted by the
/// mean power spectrum of 32 ms frames, half overlapping; sign changes a second (zeros count as positive). Of
/// silence centroid and bandwidth are 0.
Dataset simple_features(std::span<const Clip> clips);

/// Log-mel images: `frames` rows (time) of `bands` columns, one clip a row of the dataset.
struct LogMelPatch {
  std::size_t bands = 40, frames = 40;
  double frame_ms = 25, hop_ms = 10;
  /// stretched: the whole clip averaged over `frames` equal parts; centre: the middle `frames` frames, a
  /// shorter clip repeated from its start.
  enum class Time { stretched, centre } time = Time::stretched;
  /// Of each clip by itself: nothing, its mean removed, or that and its deviation set to 1 (a constant
  /// becomes 0).
  enum class Level { as_is, centred, standardised } level = Level::as_is;
};

/// image_rows and image_columns are `frames` and `bands`, so that image transforms and plots apply.
Dataset log_mel_patches(std::span<const Clip> clips, const LogMelPatch& patch = {});

struct CepstralStatistics {
  std::size_t bands = 26, coefficients = 13;
  double frame_ms = 25, hop_ms = 10;
};

/// Means, then deviations (1/n), over a clip's frames of its mel-frequency cepstral coefficients: mean_c0
/// ..., deviation_c0 ...
Dataset mfcc_statistics(std::span<const Clip> clips, const CepstralStatistics& options = {});

/// The log power spectra of frames of so many samples, half overlapping: a row a frame, length / 2 + 1
/// features, the class that of its clip.
Dataset log_spectrum_frames(std::span<const Clip> clips, std::size_t length = 512);

/// The mean over a clip's frames of the same: a row a clip.
Dataset log_spectrum_means(std::span<const Clip> clips, std::size_t length = 512);

} // namespace raphson::optim::data
