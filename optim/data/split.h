// Rows of a Dataset: chosen, left out, split at random, of some classes.
#pragma once

#include "optim/data/dataset.h"

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace raphson::optim::data {

/// These rows, in this order; a row may come more than once. Throws std::out_of_range on one that is not
/// there.
Dataset select_rows(const Dataset& dataset, std::span<const std::size_t> rows);

/// Rows begin ... begin + count - 1. Throws InputError where there are fewer, naming how many there are.
Dataset slice_rows(const Dataset& dataset, std::size_t begin, std::size_t count);

/// The rows of these classes, in their order. With `renumber` class classes[i] becomes i, otherwise numbers
/// and names stay. Throws InputError where a class is not there, is named twice, or the dataset has no
/// labels.
Dataset select_classes(const Dataset& dataset, std::span<const int> classes, bool renumber = true);

struct Split {
  std::vector<std::size_t> training, held_out; ///< rows; no row is in both
};

/// A random part of `rows` rows to train on and another held out, by the stream "split" of the seed. Throws
/// InputError where training + held_out exceeds rows.
Split split_rows(std::size_t rows, std::size_t training, std::size_t held_out, std::uint64_t seed);

/// The same with the share of every class held alike: of a class with n rows round(held_out_share n) are held
/// out, but at least one stays in training. Both parts are in random order. 0 < held_out_share < 1.
Split split_by_class(const Dataset& dataset, double held_out_share, std::uint64_t seed);

/// `per_class` random rows of every class to train on and `held_out_per_class` others of every class held
/// out. Throws InputError naming the class that has too few.
Split split_per_class(const Dataset& dataset, std::size_t per_class, std::size_t held_out_per_class,
                      std::uint64_t seed);

struct TrainingAndHeldOut {
  Dataset training, held_out;
};

TrainingAndHeldOut apply_split(const Dataset& dataset, const Split& split);

} // namespace raphson::optim::data
