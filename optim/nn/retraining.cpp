#include "optim/nn/retraining.h"

#include "dsp/error.h"
#include "optim/engine/batches.h"
#include "optim/engine/parallel.h"
#include "optim/engine/rank_correlation.h"
#include "optim/engine/statistics.h"
#include "optim/nn/mlp_objective.h"
#include "optim/nn/mlp_passes.h"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace raphson::optim::nn {
namespace {

RowNumbers difference(const RowNumbers& rows, std::span<const std::size_t> removed) {
  RowNumbers sorted(removed.begin(), removed.end()), kept;
  std::sort(sorted.begin(), sorted.end());
  std::copy_if(rows.begin(), rows.end(), std::back_inserter(kept),
               [&](std::size_t row) { return !std::binary_search(sorted.begin(), sorted.end(), row); });
  return kept;
}

[[noreturn]] void fail(std::int64_t step) {
  throw InputError("training: the loss is no longer finite in step " + std::to_string(step)
                   + "; a lower learning rate would be right");
}

} // namespace

StagedRun train_in_stages(const RowModel& model, const Vector& start, const StagedOptions& options) {
  const auto objective = mlp_objective<float>(model.layout, model.mlp, model.dataset);
  const auto rule = make_rule<float>(options.rule, one_block(model.layout.size()));
  Eigen::VectorXf theta = start.cast<float>(), gradient(theta.size());
  const auto size = static_cast<std::size_t>(theta.size());
  StagedRun run;
  auto next = options.checkpoints.begin();
  std::int64_t done = 0;
  const auto keep = [&] {
    for (; next != options.checkpoints.end() && *next == done; ++next)
      run.checkpoints.push_back(theta.cast<double>());
  };
  keep();
  RowNumbers examples;
  for (std::size_t s = 0; s < options.stages.size(); ++s) {
    const TrainingStage& stage = options.stages[s];
    if (stage.rows.empty()) throw InputError("training: stage " + std::to_string(s + 1) + " has no rows");
    Batches batches(stage.rows.size(), options.batch_size, options.seed, "stage " + std::to_string(s + 1));
    for (std::int64_t step = 0; step < stage.steps; ++step) {
      examples.clear();
      for (const std::size_t i : batches.next()) examples.push_back(stage.rows[i]);
      const double loss = objective.value_and_gradient(theta.data(), examples, gradient.data());
      if (!std::isfinite(loss) || !gradient.allFinite()) fail(done + 1);
      rule->step({gradient.data(), size}, {theta.data(), size});
      ++done;
      keep();
      if (options.progress) options.progress(done);
    }
  }
  if (!theta.allFinite()) fail(done);
  run.parameters = theta.cast<double>();
  return run;
}

std::int64_t steps_of(std::size_t rows, std::size_t batch_size, int epochs) {
  return static_cast<std::int64_t>((rows + batch_size - 1) / batch_size) * epochs;
}

StagedOptions without_rows(const StagedOptions& options, std::span<const std::size_t> removed) {
  StagedOptions result = options;
  result.checkpoints.clear();
  for (std::size_t s = 0; s < result.stages.size(); ++s) {
    result.stages[s].rows = difference(options.stages[s].rows, removed);
    if (result.stages[s].rows.empty())
      throw InputError("retraining: without the removed rows stage " + std::to_string(s + 1)
                       + " has none left");
  }
  return result;
}

std::vector<RowNumbers> removed_halves(const std::vector<TrainingStage>& stages, int subsets,
                                       std::uint64_t seed) {
  RandomStream random(seed, "removed halves");
  std::vector<RowNumbers> result;
  for (int k = 0; k < subsets; ++k) {
    RowNumbers removed;
    for (const TrainingStage& stage : stages) {
      RowNumbers rows = stage.rows;
      random.shuffle(rows);
      removed.insert(removed.end(), rows.begin(),
                     rows.begin() + static_cast<std::ptrdiff_t>(rows.size() / 2));
    }
    std::sort(removed.begin(), removed.end());
    result.push_back(std::move(removed));
  }
  return result;
}

data::RowMatrix retrain_without(const RowModel& model, const Vector& start, const StagedOptions& options,
                                const std::vector<RowNumbers>& subsets, int repeats,
                                const std::function<Vector(const Vector&)>& measure, std::size_t threads,
                                const std::function<void(std::size_t)>& progress) {
  std::vector<Vector> outcomes(subsets.size());
  parallel_for(subsets.size(), threads, [&](std::size_t k, std::size_t thread) {
    StagedOptions again = without_rows(options, subsets[k]);
    again.progress = {};
    for (int repeat = 0; repeat < repeats; ++repeat) {
      std::uint64_t state =
          options.seed + (k * static_cast<std::size_t>(repeats) + 1) + static_cast<std::size_t>(repeat);
      again.seed = split_mix(state); // orders of its own
      const Vector outcome = measure(train_in_stages(model, start, again).parameters) / double(repeats);
      if (repeat == 0)
        outcomes[k] = outcome;
      else
        outcomes[k] += outcome;
    }
    if (thread == 0 && progress) progress(k);
  });
  if (outcomes.empty()) return {};
  data::RowMatrix result(std::ssize(outcomes), outcomes.front().size());
  for (Index k = 0; k < result.rows(); ++k) result.row(k) = outcomes[static_cast<std::size_t>(k)].transpose();
  return result;
}

Vector datamodelling_scores(const data::RowMatrix& scores, const std::vector<RowNumbers>& removed,
                            const data::RowMatrix& outcomes) {
  if (outcomes.rows() != std::ssize(removed) || outcomes.cols() != scores.rows())
    throw InputError("datamodelling score: outcomes must be [subset][query]");
  data::RowMatrix sums = data::RowMatrix::Zero(outcomes.rows(), outcomes.cols());
  for (Index k = 0; k < sums.rows(); ++k)
    for (const std::size_t row : removed[static_cast<std::size_t>(k)])
      sums.row(k) += scores.col(static_cast<Index>(row)).transpose();
  Vector result(scores.rows());
  for (Index q = 0; q < result.size(); ++q) result[q] = spearman_correlation(sums.col(q), outcomes.col(q));
  return result;
}

Classified classified(const data::RowMatrix& logits, const std::vector<int>& labels) {
  if (logits.rows() != std::ssize(labels))
    throw InputError("classifier: " + std::to_string(labels.size()) + " labels for "
                     + std::to_string(logits.rows()) + " rows");
  Classified result{softmax_rows(logits), Vector(logits.rows()), 0, 0};
  for (Index i = 0; i < logits.rows(); ++i) {
    const double highest = logits.row(i).maxCoeff();
    const Index label = labels[static_cast<std::size_t>(i)];
    Index said = 0;
    logits.row(i).maxCoeff(&said);
    result.losses[i] = std::log((logits.row(i).array() - highest).exp().sum()) - (logits(i, label) - highest);
    result.accuracy += said == label;
  }
  result.accuracy /= static_cast<double>(logits.rows());
  result.loss = result.losses.sum() / static_cast<double>(logits.rows());
  return result;
}

Classified classified(const Mlp& mlp, const Vector& parameters, const data::Dataset& dataset,
                      std::span<const std::size_t> rows) {
  std::vector<int> labels;
  for (const std::size_t row : rows) labels.push_back(dataset.labels.at(row));
  return classified(MlpPass(mlp, parameters, select_features(dataset.features, rows)).outputs(), labels);
}

double mean_total_variation(const data::RowMatrix& p, const data::RowMatrix& q) {
  if (p.rows() != q.rows() || p.cols() != q.cols() || p.rows() == 0)
    throw InputError("total variation: probabilities of the same rows and classes needed");
  return 0.5 * (p - q).cwiseAbs().sum() / static_cast<double>(p.rows());
}

double membership_auc(const Vector& member_losses, const Vector& other_losses) {
  return area_under_roc(-member_losses, -other_losses);
}

} // namespace raphson::optim::nn
