// Short films, all of the same number of frames and the same size, their classes, and where the target is in
// some of their frames.
#pragma once

#include "optim/data/bilinear.h"

#include <cstddef>
#include <filesystem>
#include <string>
#include <vector>

namespace raphson::optim::tools {

struct Clips {
  std::vector<float> pixels = {}; ///< [clip][frame][row][column]
  std::size_t count = 0;
  int frames = 0, rows = 0, columns = 0;
  std::vector<std::string> names = {}; ///< of folders; otherwise empty, and clips are numbered from 1
  std::string name = {};               ///< the file or folder, for messages

  std::size_t frame_size() const {
    return static_cast<std::size_t>(rows) * static_cast<std::size_t>(columns);
  }
  std::size_t clip_size() const { return static_cast<std::size_t>(frames) * frame_size(); }
  data::PictureView frame(std::size_t clip, int t) const {
    return {pixels.data() + clip * clip_size() + static_cast<std::size_t>(t) * frame_size(), rows, columns};
  }
  std::string name_of(std::size_t clip) const {
    return names.empty() ? std::to_string(clip + 1) : names[clip];
  }
};

/// NPY (clips, frames, rows, columns), whole numbers divided as read_pictures does; or a folder that has one
/// folder of PNG frames, in the order of their names, for each clip. Throws InputError for other shapes,
/// clips of different lengths or sizes, fewer than 3 frames, frames below 16 x 16 pixels and values that are
/// not finite.
Clips read_films(const std::filesystem::path& path);

/// With other numbers of frames: of each the nearest of those there are.
Clips resampled(const Clips& clips, int frames);

struct ClipLabels {
  std::vector<int> of_clips = {};
  std::vector<std::string> classes = {};
  std::string name = {}; ///< the file, for messages
};

/// CSV with columns clip (a number from 1, or the folder's name) and label. Throws InputError unless every
/// clip has one label and there are two classes at least.
ClipLabels read_clip_labels(const std::filesystem::path& path, const Clips& clips);

struct ClipBox {
  std::size_t clip = 0;
  int frame = 0;                 ///< from 0
  double x = 0, y = 0, size = 0; ///< the target's middle, half of its larger side; pixels
};

/// CSV with columns clip, frame (from 1), x, y and size. Throws InputError for a clip or frame that is not
/// there, a place outside the frame, a size that is not above 0, and clips without a box.
std::vector<ClipBox> read_clip_boxes(const std::filesystem::path& path, const Clips& clips);

} // namespace raphson::optim::tools
