// A small network that says of each pixel of a map (an image, a spectrogram) how probable its classes are, by
// the 7 x 7 values around it: a perceptron 49-hidden-K with softmax, or of one class with a sigmoid. Outside
// the map values are 0.
#pragma once

#include "optim/data/dataset.h"
#include "optim/nn/mlp.h"

#include <cstdint>
#include <functional>
#include <vector>

namespace raphson::optim::tools {

struct LabelledMap {
  data::RowMatrix values = {};
  std::vector<int> labels = {}; ///< [row][column]; of one class 0 and 1
};

struct PatchTraining {
  int epochs = 8;
  std::size_t batch_size = 256;
  double learning_rate = 3e-3; ///< Adam's, falling as half a cosine
  std::function<void(int epoch)> observer = {};
};

class PatchNetwork {
public:
  PatchNetwork(Index hidden, Index classes);

  void train(const std::vector<LabelledMap>& maps, const PatchTraining& training, std::uint64_t seed);

  /// [class][pixel].
  data::RowMatrix probabilities(const data::RowMatrix& map) const;

private:
  Index classes_;
  nn::Layout layout_;
  nn::Mlp mlp_;
  Vector parameters_ = {};
};

} // namespace raphson::optim::tools
