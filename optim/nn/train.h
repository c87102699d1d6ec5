// Training: an update rule over the minibatches of a network's loss, with early stopping and checkpoints.
//
//   const Training run = train(objective, layout, layout.initial(seed),
//                              {.rule = AdamSettings{.learning_rate = 3e-3}, .batch_size = 100, .epochs =
//                              30});
//
// With a checkpoint file the run writes where it is, whole or not at all, after every epoch; started again
// with the same file and the same options it goes on from there and ends with the same bytes as a run that
// was never interrupted.
#pragma once

#include "optim/engine/first_order.h"
#include "optim/nn/objective.h"

#include <filesystem>

namespace raphson::optim::nn {

struct EpochReport {
  int epoch = 0;              ///< from 1
  double training_loss = 0;   ///< mean of the batches' losses as they came
  double validation_loss = 0; ///< NaN without validation
};

struct TrainingOptions {
  RuleSettings rule = AdamSettings{};
  std::size_t batch_size = 100;
  int epochs = 10;
  std::int64_t steps = 0;         ///< above 0: in place of epochs
  Schedule schedule = {};         ///< by step
  double gradient_norm_limit = 0; ///< a longer gradient is scaled to this length; 0: none is
  std::uint64_t seed = 0;         ///< of the stream "training batches"
  /// A loss on held-out examples after each epoch; lower is better. The parameters with the lowest are kept.
  std::function<double(const Vector&)> validation = {};
  int patience = 0;                      ///< epochs without a lower validation loss that end the run; 0: none
  std::filesystem::path checkpoint = {}; ///< empty: none
  std::function<Control(const EpochReport&)> observer = {};
  /// Before each step, of the parameters it starts from; step counts from 1.
  std::function<void(std::int64_t step, double loss)> each_step = {};
};

struct Training {
  Vector parameters; ///< the last, or with validation the best
  std::vector<EpochReport> epochs;
  std::int64_t steps = 0;
  bool finite = true; ///< false: the loss or its gradient stopped being finite in step `steps` + 1
};

/// The layout as the engine's rules see it: a matrix a block, {outputs, terms} of a convolution's kernel.
ParameterBlocks blocks_of(const Layout& layout);

/// Throws InputError for options out of range and for a checkpoint of another run.
template <class T>
Training train(const NetworkObjective<T>& objective, const Layout& layout, const Vector& start,
               const TrainingOptions& options);

} // namespace raphson::optim::nn
