#include "optim/data/loader.h"

#include "dsp/error.h"

#include <algorithm>

namespace raphson::optim::data {
namespace {

/// A seed of its own for every batch of every epoch.
std::uint64_t seed_of(std::uint64_t seed, BatchPosition position) {
  std::uint64_t state = seed;
  state = split_mix(state) ^ position.epoch;
  state = split_mix(state) ^ position.examples;
  return split_mix(state);
}

} // namespace

Loader::Loader(const Dataset& dataset, LoaderOptions options)
    : dataset_(dataset), options_(std::move(options)),
      batches_(dataset.size(), options_.batch_size, options_.seed, options_.stream) {
  for (const Augmentation& augmentation : options_.augmentations) {
    const std::string name = options_.stream + " " + augmentation.stream;
    if (std::find(stream_names_.begin(), stream_names_.end(), name) != stream_names_.end())
      throw InputError("two augmentations are named '" + augmentation.stream + "'");
    stream_names_.push_back(name);
  }
  const std::size_t room = std::min(options_.batch_size, dataset.size());
  features_.resize(static_cast<Eigen::Index>(room), dataset.features.cols());
  if (dataset.target.size() > 0) target_.resize(room);
  if (!dataset.labels.empty()) labels_.resize(room);
}

Batch Loader::next() {
  const BatchPosition before = batches_.position();
  const std::span<const std::size_t> rows = batches_.next();
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const auto row = static_cast<Eigen::Index>(rows[i]);
    features_.row(static_cast<Eigen::Index>(i)) = dataset_.features.row(row);
    if (!target_.empty()) target_[i] = dataset_.target[row];
    if (!labels_.empty()) labels_[i] = dataset_.labels[rows[i]];
  }
  const auto count = static_cast<Eigen::Index>(rows.size());
  augment(count, before);
  return {{features_.data(), count, features_.cols()},
          std::span(target_).first(target_.empty() ? 0 : rows.size()),
          std::span(labels_).first(labels_.empty() ? 0 : rows.size()),
          rows};
}

void Loader::augment(Eigen::Index rows, BatchPosition position) {
  for (std::size_t a = 0; a < stream_names_.size(); ++a) {
    RandomStream stream(seed_of(options_.seed, position), stream_names_[a]);
    options_.augmentations[a].change(FeatureBatch(features_.data(), rows, features_.cols()), stream);
  }
}

} // namespace raphson::optim::data
