#include "optim/tools/signals/patch_network.h"

#include "optim/autodiff/operations/softmax.h"
#include "optim/engine/schedule.h"
#include "optim/nn/mlp_passes.h"
#include "optim/nn/train.h"

namespace raphson::optim::tools {
namespace {

constexpr Index side = 7, radius = side / 2;

data::RowMatrix padded(const data::RowMatrix& map) {
  data::RowMatrix result = data::RowMatrix::Zero(map.rows() + 2 * radius, map.cols() + 2 * radius);
  result.block(radius, radius, map.rows(), map.cols()) = map;
  return result;
}

/// The values around the pixel at (row, column) of the map, row by row.
template <class T> void copy_patch(const data::RowMatrix& padded, Index row, Index column, T* to) {
  for (Index r = 0; r < side; ++r)
    for (Index c = 0; c < side; ++c) *to++ = static_cast<T>(padded(row + r, column + c));
}

/// All pixels of all maps as examples.
class Patches {
public:
  explicit Patches(const std::vector<LabelledMap>& maps) {
    for (const LabelledMap& map : maps) {
      maps_.push_back(padded(map.values));
      for (Index r = 0; r < map.values.rows(); ++r)
        for (Index c = 0; c < map.values.cols(); ++c)
          pixels_.push_back({maps_.size() - 1, static_cast<std::int32_t>(r), static_cast<std::int32_t>(c)});
      labels_.insert(labels_.end(), map.labels.begin(), map.labels.end());
    }
  }

  std::size_t size() const { return pixels_.size(); }
  int label(std::size_t example) const { return labels_[example]; }
  Var<float> on(Tape<float>& tape, nn::Examples examples) const {
    const auto count = static_cast<Index>(examples.size());
    float* const values = tape.take_array<float>(count * side * side);
    for (Index i = 0; i < count; ++i) {
      const Pixel& pixel = pixels_[examples[static_cast<std::size_t>(i)]];
      copy_patch(maps_[pixel.map], pixel.row, pixel.column, values + i * side * side);
    }
    return tape.constant({count, side * side}, values);
  }

private:
  struct Pixel {
    std::size_t map;
    std::int32_t row, column;
  };
  std::vector<data::RowMatrix> maps_;
  std::vector<Pixel> pixels_;
  std::vector<int> labels_;
};

Var<float> losses_of(const Patches& patches, Var<float> logits, nn::Examples examples, Index classes) {
  Tape<float>& tape = logits.tape();
  const auto count = static_cast<Index>(examples.size());
  if (classes > 1) {
    int* const labels = tape.take_array<int>(count);
    for (std::size_t i = 0; i < examples.size(); ++i) labels[i] = patches.label(examples[i]);
    return cross_entropy(logits, std::span<const int>(labels, examples.size()));
  }
  float* const targets = tape.take_array<float>(count);
  for (std::size_t i = 0; i < examples.size(); ++i)
    targets[i] = static_cast<float>(patches.label(examples[i]));
  return binary_cross_entropy(reshape(logits, {count}), tape.constant({count}, targets));
}

} // namespace

PatchNetwork::PatchNetwork(Index hidden, Index classes)
    : classes_(classes), mlp_(layout_, {{side * side, hidden, classes}, nn::Activation::relu}) {}

void PatchNetwork::train(const std::vector<LabelledMap>& maps, const PatchTraining& training,
                         std::uint64_t seed) {
  const Patches patches(maps);
  const nn::NetworkObjective<float> loss(
      layout_, patches.size(), [&](const nn::Weights<float>& w, nn::Examples examples) {
        return losses_of(patches, mlp_(w, patches.on(w.tape(), examples)), examples, classes_);
      });
  nn::TrainingOptions options{.rule = AdamSettings{.learning_rate = training.learning_rate},
                              .batch_size = training.batch_size,
                              .epochs = training.epochs,
                              .seed = seed};
  // At a constant rate the last steps decide how well the probabilities are calibrated.
  const std::size_t batches = (patches.size() + training.batch_size - 1) / training.batch_size;
  options.schedule = cosine(static_cast<std::int64_t>(batches) * training.epochs);
  options.observer = [&](const nn::EpochReport& epoch) {
    if (training.observer) training.observer(epoch.epoch);
    return Control::proceed;
  };
  parameters_ = nn::train(loss, layout_, layout_.initial(seed), options).parameters;
}

data::RowMatrix PatchNetwork::probabilities(const data::RowMatrix& map) const {
  const data::RowMatrix around = padded(map);
  data::RowMatrix patches(map.size(), side * side);
  for (Index r = 0; r < map.rows(); ++r)
    for (Index c = 0; c < map.cols(); ++c) copy_patch(around, r, c, patches.row(r * map.cols() + c).data());
  const nn::MlpPass pass(mlp_, parameters_, patches);
  if (classes_ > 1) return nn::softmax_rows(pass.outputs()).transpose();
  return (1 / (1 + (-pass.outputs().array()).exp())).matrix().transpose();
}

} // namespace raphson::optim::tools
