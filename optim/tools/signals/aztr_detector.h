// Where the target is in a frame: a small network of convolutions on the frame averaged down, which says of
// every cell how likely the target's middle is in it, and how large the target would be.
//
//   conv 3x3 1->8, conv 3x3 stride 2 8->12, conv 3x3 12->12, relu after each, conv 3x3 12->2
//
// The first result is a score a cell, softmax over all cells; the second log(size / unit), unit = 3 averaged
// pixels. Its loss is the cross-entropy of the cell that holds the middle and the squared error of the log
// size there. Read out are the best cell, the mean place of it and its neighbours weighted by their
// probabilities, and its size.
#pragma once

#include "optim/nn/layers.h"
#include "optim/tools/signals/aztr_clips.h"

#include <cstdint>
#include <functional>
#include <span>
#include <vector>

namespace raphson::optim::tools {

struct Detection {
  double x = 0, y = 0, size = 0; ///< pixels of the frame
  double score = 0;              ///< probability of the best cell
};

/// Levels enter networks as (level - mean) / deviation.
struct PixelScale {
  double mean = 0, deviation = 1;
};
PixelScale pixel_scale_of(const Clips& clips, std::span<const std::size_t> chosen);

class Detector {
public:
  /// pool: frames are averaged over so many pixels in each direction; targets of half a side 3 pool are what
  /// it is made for.
  explicit Detector(int pool);

  int pool() const { return pool_; }
  double unit() const { return 3.0 * pool_; }
  const nn::Layout& layout() const { return layout_; }

  /// {frames, 1, rows, columns}, averaged and scaled, to {frames, 2, cells down, cells across}.
  template <class T> Var<T> maps(const nn::Weights<T>& w, Var<T> frames) const;

  /// Averaged down and scaled.
  void prepare(const data::PictureView& frame, const PixelScale& scale, float* pixels) const;
  int rows_of(const Clips& clips) const { return clips.rows / pool_; }
  int columns_of(const Clips& clips) const { return clips.columns / pool_; }
  /// Throws InputError for frames of fewer than 3 x 3 averaged pixels.
  void check_frames(const Clips& clips) const;
  int cell_of(double place, int cells) const; ///< of a row or column of the frame
  double place_of(double cell) const { return (2 * cell + 1) * pool_ - 0.5; }

  /// Multiply-adds for one frame.
  double cost(int rows, int columns) const;

private:
  int pool_;
  nn::Layout layout_;
  nn::Convolution2d first_, second_, third_, last_;
};

/// The averaging that suits targets of these sizes.
int pool_for(std::span<const ClipBox> boxes);

struct DetectorTraining {
  std::int64_t steps = 250;
  std::size_t batch_size = 24;
  double learning_rate = 4e-3;
  std::size_t threads = 1;
  std::uint64_t seed = 0;
  std::function<void(std::int64_t step)> progress = {};
};
Vector train_detector(const Detector& detector, const Clips& clips, std::span<const ClipBox> boxes,
                      const PixelScale& scale, const DetectorTraining& training);

/// In these frames of a clip; no size is above half the larger side of a frame. Throws InputError where a
/// score is not finite, and for frames too small.
std::vector<Detection> detect(const Detector& detector, const Vector& parameters, const PixelScale& scale,
                              const Clips& clips, std::size_t clip, std::span<const int> frames);

/// Without learning: the brightest cell of the absolute difference to the clip's median over time, cells of
/// `size` x `size` pixels, the last ones ending at the border; `size` is given.
std::vector<Detection> detect_motion(const Clips& clips, std::size_t clip, std::span<const int> frames,
                                     double size);

} // namespace raphson::optim::tools
