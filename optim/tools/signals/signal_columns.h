// What dictionaries are learnt on: frames of recordings, patches of images or the columns of an array, some
// to train on and others held out.
#pragma once

#include "optim/data/tiles.h"

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace raphson::optim::tools {

enum class SignalKind { array, sound, image };
/// By the name, or of a folder by what is in it; what is neither an array nor an image is a sound.
SignalKind kind_of(const std::filesystem::path& path);

struct SignalColumns {
  Matrix training = {}, held_out = {};          ///< a signal a column
  Eigen::Index tile_rows = 1, tile_columns = 0; ///< their shape; rows > 1 for patches
  bool tiles = false;                           ///< frames or patches, not columns of an array
  double sample_rate = 0;                       ///< of frames, Hz
};

struct SignalOptions {
  Eigen::Index frame = 64;    ///< samples, of recordings
  Eigen::Index patch = 8;     ///< pixels, of images
  Eigen::Index limit = 10000; ///< so many signals at most, chosen at random
  double held_out = 0.2;      ///< the share of them that is not trained on
  bool keep_mean = false;     ///< otherwise each patch has its mean taken off
  std::uint64_t seed = 1;
};

/// Recordings (files, folders, an index of clips) as frames, IDX and PNG images (files, folders) as patches,
/// each half overlapping, of these the half with more energy; or one NPY of two dimensions, as it is. Throws
/// InputError, one line naming the file: kinds mixed, several arrays, sample rates that differ, nothing as
/// large as a tile, silence or one grey throughout, and what the readers refuse; NaN and infinities by place.
SignalColumns read_signal_columns(const std::vector<std::string>& files, const SignalOptions& options);

/// The images of one file or folder, or the recordings as images of one row, with their sample rate.
struct Wholes {
  std::vector<data::RowMatrix> all = {};
  double sample_rate = 0; ///< 0: images
};
Wholes read_wholes(const std::filesystem::path& path);

/// Patches of the handwritten digits that come with the program, 8 x 8, at random places where the standard
/// deviation exceeds 0.15, their mean taken off; training and held-out ones from different images.
SignalColumns digit_patches(Eigen::Index training, Eigen::Index held_out, std::uint64_t seed);

/// Frames of 64 samples of the speaker jackson, those above the median energy, at random; training and
/// held-out ones from different takes.
SignalColumns speech_frames(Eigen::Index training, Eigen::Index held_out, std::uint64_t seed);

/// Log power spectra of the same, 64 bins (without DC) of frames of 128 samples, half overlapping, each less
/// its mean.
SignalColumns speech_spectra(Eigen::Index training, Eigen::Index held_out, std::uint64_t seed);

} // namespace raphson::optim::tools
