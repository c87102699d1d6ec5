// Minibatches of a Dataset, gathered and augmented.
//
//   Loader loader(training, {.batch_size = 100, .seed = 1, .augmentations = {shift_pixels(28, 28, 2)}});
//   while (loader.epoch() < 20) {
//     const Batch batch = loader.next();
//     ... batch.features, batch.labels ...
//   }
//
// Which rows come when is Batches' business (optim/engine/batches.h): a fresh order every epoch, the last
// batch shorter. position() and seek() resume a run at the same batches with the same augmentations. Nothing
// is allocated after construction.
#pragma once

#include "optim/data/augment.h"
#include "optim/engine/batches.h"

#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace raphson::optim::data {

struct LoaderOptions {
  std::size_t batch_size = 100;
  std::uint64_t seed = 0;
  std::string stream = "batches"; ///< of the orders; the augmentations' streams are named STREAM NAME
  std::vector<Augmentation> augmentations = {};
};

/// What the next step sees; valid until the next call.
struct Batch {
  Eigen::Map<const RowMatrix> features;
  std::span<const double> target;    ///< empty where the dataset has none
  std::span<const int> labels;       ///< likewise
  std::span<const std::size_t> rows; ///< of the dataset
};

class Loader {
public:
  /// Keeps a reference to the dataset. Throws InputError where it is empty, batch_size is 0, or two
  /// augmentations have one name.
  Loader(const Dataset& dataset, LoaderOptions options);
  Loader(Dataset&&, LoaderOptions) = delete;

  Batch next();
  std::uint64_t epoch() const { return batches_.epoch(); }
  std::size_t batches_per_epoch() const { return batches_.batches_per_epoch(); }

  BatchPosition position() const { return batches_.position(); }
  void seek(BatchPosition position) { batches_.seek(position); }

private:
  void augment(Eigen::Index rows, BatchPosition position);

  const Dataset& dataset_;
  LoaderOptions options_;
  std::vector<std::string> stream_names_; // of the augmentations
  Batches batches_;
  RowMatrix features_;
  std::vector<double> target_;
  std::vector<int> labels_;
};

} // namespace raphson::optim::data
