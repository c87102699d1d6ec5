// What the target does, from the crops of a clip: convolutions in each frame, then reasoning over time, near
// by a convolution and far by attention.
//
//   f_t = relu(dense(relu(conv 3x3 stride 2, 8->16)(relu(conv 3x3 stride 2, 1->8)(crop_t))))
//
//   g_t = f_t + relu(W [f_(t-1), f_t, f_(t+1)] + b), zeros beyond the ends: the local part
//
//   g_t <- g_t + e_t, a learned place in time
//
//   g <- g + softmax(g Q (g K)' / sqrt 32) g V: the global part
//
//   the mean of g over t, dense to the classes, cross-entropy
//
// f_t and g_t have 32 features.
//
// Without e_t and the local part the order of the frames makes no difference.
#pragma once

#include "optim/data/dataset.h"
#include "optim/nn/layers.h"
#include "optim/tools/signals/aztr_zoom.h"

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <vector>

namespace raphson::optim::tools {

struct RecogniserSpec {
  int size = 16; ///< of a crop, a multiple of 4
  int frames = 8, classes = 6;
  bool local = true, attention = true, position = true; ///< parts, to be left out in comparisons
  double local_start = 0; ///< deviation of the local part's first weights; 0: as suits relu (He)
};

class Recogniser {
public:
  /// Throws InputError for a size that is no multiple of 4, fewer than 3 frames or 2 classes.
  explicit Recogniser(const RecogniserSpec& spec);

  const RecogniserSpec& spec() const { return spec_; }
  const nn::Layout& layout() const { return layout_; }

  /// {clips, frames x size x size} to {clips, classes}.
  template <class T> Var<T> logits(const nn::Weights<T>& w, Var<T> crops) const;

  /// [clip][class].
  data::RowMatrix probabilities(const Vector& parameters, const Crops& crops) const;

  double spatial_cost() const;  ///< multiply-adds of a frame
  double temporal_cost() const; ///< of a clip

private:
  template <class T> Var<T> spatial(const nn::Weights<T>& w, Var<T> frames) const;
  template <class T> Var<T> near_in_time(const nn::Weights<T>& w, Var<T> f) const;
  template <class T> Var<T> far_in_time(const nn::Weights<T>& w, Var<T> g) const;

  static constexpr Index width = 32;

  RecogniserSpec spec_;
  nn::Layout layout_;
  nn::Convolution2d first_, second_;
  nn::Linear dense_;
  std::optional<nn::Linear> local_;
  nn::Block position_, queries_, keys_, values_;
  nn::Linear out_;
};

struct RecogniserTraining {
  int epochs = 16;
  std::size_t batch_size = 32;
  double learning_rate = 3e-3;
  std::size_t threads = 1; ///< the result does not depend on it
  std::uint64_t seed = 0;
  std::function<void(std::int64_t step, std::int64_t steps)> progress = {};
};
Vector train_recogniser(const Recogniser& recogniser, const Crops& crops, std::span<const int> labels,
                        const RecogniserTraining& training);

/// The share of clips whose most probable class is theirs.
double accuracy_of(const data::RowMatrix& probabilities, std::span<const int> labels);

/// These rows.
Crops select(const Crops& crops, std::span<const std::size_t> rows);
std::vector<int> select(std::span<const int> labels, std::span<const std::size_t> rows);

} // namespace raphson::optim::tools
