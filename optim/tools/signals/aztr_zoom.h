// Auto zoom: the target is looked for in a few key frames, and the whole clip is cropped around its path with
// one zoom, so that growth and shrinking stay to be seen and the picture does not pump.
#pragma once

#include "optim/tools/signals/aztr_detector.h"

#include <span>
#include <vector>

namespace raphson::optim::tools {

/// 0, every, 2 every, ... and the last. Throws InputError unless 1 <= every.
std::vector<int> key_frames(int frames, int every);

struct ZoomPath {
  std::vector<double> x = {}, y = {}; ///< of each frame, pixels
  double half = 0;                    ///< of the crop's side, in every frame the same
  std::vector<int> keys = {};         ///< the key frames
  std::vector<Detection> found = {};  ///< in each of them
};

/// Detections below min_score are dropped, but never the best; linear between the others, constant outside
/// them; half is 1.5 times the largest of their sizes.
ZoomPath zoom_path(std::span<const int> key_frames, std::span<const Detection> found, double min_score,
                   int frames);

/// [clip][frame x row x column], size x size pixels a frame.
using Crops = Eigen::Matrix<float, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;

/// Along a path a clip, scaled as networks take them.
Crops zoomed(const Clips& clips, std::span<const ZoomPath> paths, int size, const PixelScale& scale);

/// Without zoom: whole frames averaged down to size x size.
Crops whole_frames(const Clips& clips, int size, const PixelScale& scale);

} // namespace raphson::optim::tools
