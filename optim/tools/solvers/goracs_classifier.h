// The small classifier of GORACS's experiment and of --grads model: a perceptron with one hidden layer.
#pragma once

#include "optim/data/dataset.h"
#include "optim/nn/mlp.h"

#include <cstdint>
#include <span>

namespace raphson::optim::tools {

struct ClassifierTraining {
  int steps = 400;
  std::size_t batch_size = 32;
  double learning_rate = 3e-3; // of Adam
  double weight_decay = 3e-3;  // added to the gradient, times the weights
};

class SmallClassifier {
public:
  SmallClassifier(Eigen::Index inputs, int hidden, int classes);

  /// On these rows of the dataset, from a start drawn by the seed.
  Vector train(const data::Dataset& dataset, std::span<const std::size_t> rows,
               const ClassifierTraining& training, std::uint64_t seed) const;

  /// Mean cross-entropy.
  double loss(const Vector& theta, const data::Dataset& dataset) const;

  /// |d loss(row) / d theta| of each row.
  Vector gradient_norms(const Vector& theta, const data::Dataset& dataset) const;

private:
  nn::Layout layout_;
  nn::Mlp mlp_;
};

} // namespace raphson::optim::tools
