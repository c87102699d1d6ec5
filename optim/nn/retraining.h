// Training again on other rows, and what it changes: the truth that attribution and unlearning tools are
// measured by.
//
//   const RowModel model{layout, mlp, dataset};
//   const StagedRun run = train_in_stages(model, layout.initial(seed), {.stages = {{rows, 900}}, .seed = 1});
//   const Vector without = retrain(model, start, without_rows(options, removed)).parameters;
//
// Training is minibatch descent through stages, each with rows and a number of steps of its own; a retraining
// on half the rows takes as many steps. Parameters in float, as fast as it goes; checkpoints are kept where
// they are asked for.
#pragma once

#include "optim/data/dataset.h"
#include "optim/engine/first_order.h"
#include "optim/nn/mlp.h"

#include <cstdint>
#include <functional>
#include <span>
#include <vector>

namespace raphson::optim::nn {

using RowNumbers = std::vector<std::size_t>;

/// A perceptron and the rows that it learns from; the references stay the caller's.
struct RowModel {
  const Layout& layout;
  const Mlp& mlp;
  const data::Dataset& dataset;
};

struct TrainingStage {
  RowNumbers rows = {}; ///< that its batches are drawn from
  std::int64_t steps = 0;
};

struct StagedOptions {
  RuleSettings rule = SgdSettings{.learning_rate = 0.1};
  std::size_t batch_size = 20;
  std::vector<TrainingStage> stages = {};
  std::uint64_t seed = 0;                          ///< of the batches' orders
  std::vector<std::int64_t> checkpoints = {};      ///< steps done, rising, from 0
  std::function<void(std::int64_t)> progress = {}; ///< after each step
};

struct StagedRun {
  Vector parameters;
  std::vector<Vector> checkpoints; ///< as asked for
};

/// Throws InputError for a stage without rows, and where loss or parameters stop being finite (it names the
/// step).
StagedRun train_in_stages(const RowModel& model, const Vector& start, const StagedOptions& options);

/// Steps of so many epochs over these rows.
std::int64_t steps_of(std::size_t rows, std::size_t batch_size, int epochs);

/// The same run without these rows: as many steps a stage. Throws InputError where a stage has none left.
StagedOptions without_rows(const StagedOptions& options, std::span<const std::size_t> removed);

/// `subsets` random halves of every stage's rows, to be removed, by the stream "removed halves".
std::vector<RowNumbers> removed_halves(const std::vector<TrainingStage>& stages, int subsets,
                                       std::uint64_t seed);

/// measure(parameters) after training without each subset, the mean of `repeats` trainings with new orders of
/// batches from the same start: [subset][measure].
data::RowMatrix retrain_without(const RowModel& model, const Vector& start, const StagedOptions& options,
                                const std::vector<RowNumbers>& subsets, int repeats,
                                const std::function<Vector(const Vector&)>& measure, std::size_t threads,
                                const std::function<void(std::size_t)>& progress = {});

/// The linear datamodelling score (S. M. Park et al., "TRAK", ICML 2023): for each query Spearman's
/// correlation over the subsets of the sum of its scores over the removed rows with what retraining gave;
/// scores [query][row], outcomes [subset][query]. NaN for a query whose outcomes do not vary.
Vector datamodelling_scores(const data::RowMatrix& scores, const std::vector<RowNumbers>& removed,
                            const data::RowMatrix& outcomes);

// --- A classifier seen from outside: by what it says of rows ---------------------------------------------

struct Classified {
  data::RowMatrix probabilities; ///< [row][class]
  Vector losses;                 ///< cross-entropy of each row
  double accuracy = 0, loss = 0; ///< NaN without rows
};
Classified classified(const data::RowMatrix& logits, const std::vector<int>& labels);
/// Of a perceptron.
Classified classified(const Mlp& mlp, const Vector& parameters, const data::Dataset& dataset,
                      std::span<const std::size_t> rows);

/// Mean over rows of half the sum of |p - q|: 0 where two models say the same, 1 where they share nothing.
/// Throws InputError for other sizes.
double mean_total_variation(const data::RowMatrix& p, const data::RowMatrix& q);

/// How well the loss tells rows that were trained on from held-out ones: the share of pairs in which the
/// member has the lower loss (AUC). 0.5: not at all; what forgotten rows should come to.
double membership_auc(const Vector& member_losses, const Vector& other_losses);

} // namespace raphson::optim::nn
