// The trainings of a network of sets: FASet in two stages, and all weights at once, which is what it is
// measured against. Adam, its rate falling along half a cosine, the gradient's norm at most 5.
#pragma once

#include "optim/tools/signals/attsets.h"

#include <cstddef>
#include <cstdint>
#include <functional>

namespace raphson::optim::tools {

struct SetTraining {
  std::int64_t steps = 1000;
  Index views = 8;             ///< of each object in a step; an object with fewer gives all it has
  std::size_t batch_size = 64; ///< objects
  double learning_rate = 2e-3;
  std::size_t threads = 1; ///< the result does not depend on it
  std::uint64_t seed = 0;
  std::function<void(std::int64_t step, double loss)> progress = {};
};

/// What the objects of a source are in truth, [object][output].
struct SetTask {
  const SetSource& source;
  const data::RowMatrix& targets;
};

/// Stage 1: the base alone on single views, whatever training.views says.
Vector train_base(const SetNetwork& network, const SetTask& task, const SetTraining& training);

/// Stage 2: the aggregation alone on sets. Throws InputError for an aggregation without weights, and for sets
/// of one view, from which no gradient reaches the attention.
Vector train_aggregation(const SetNetwork& network, const Vector& base, const SetTask& task,
                         const SetTraining& training);

/// Both at once on sets.
SetParameters train_jointly(const SetNetwork& network, const SetTask& task, const SetTraining& training);

} // namespace raphson::optim::tools
