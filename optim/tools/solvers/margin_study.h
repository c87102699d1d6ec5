// Which labelling strategy wins on a labelled table, and at which budgets: labels are hidden, every strategy
// is replayed on the same pool from the same seed set, and its classifier scored on rows that no strategy
// sees.
#pragma once

#include "optim/data/dataset.h"
#include "optim/tools/solvers/margin_sampling.h"

#include <functional>
#include <string>

namespace raphson::optim::tools {

enum class PoolScaling { none, centre, standardise };

struct MarginStudyOptions {
  std::size_t seed_size = 10;
  std::vector<std::size_t> budgets = {20, 50, 100, 200};
  std::vector<LabellingStrategy> strategies = {LabellingStrategy::passive, LabellingStrategy::margin,
                                               LabellingStrategy::one_shot, LabellingStrategy::oracle,
                                               LabellingStrategy::mixed};
  std::size_t batch = 10;
  double mix = 0.5;
  int repeats = 10;
  double test_share = 0.25;
  double lambda = 1e-6;
  double oracle_lambda = 1e-3;                    ///< of the boundary fitted on the whole pool's labels
  PoolScaling scaling = PoolScaling::standardise; ///< by the pool's figures; test rows have no say
  std::uint64_t seed = 1;
  std::size_t threads = 1;
  std::function<void(const std::string&)> progress = {}; ///< from the caller's thread alone
};

struct StrategyErrors {
  LabellingStrategy strategy;
  Matrix errors;            ///< [budget][repeat]
  Vector queried_a_bar;     ///< a repeat each: mean distance of the queried rows to the all-labels boundary
  Vector first_class_share; ///< of the queried rows, a repeat each
};

struct MarginStudy {
  std::vector<std::size_t> budgets;
  std::vector<StrategyErrors> strategies;
  Eigen::Index dimensions = 0; ///< the constant included
  std::size_t pool_rows = 0, test_rows = 0;
  int redrawn = 0;       ///< seed sets
  double pool_a_bar = 0; ///< mean distance of the pool's rows to the all-labels boundary, mean of repeats
  double smallest_distance = 0;                       ///< the least over the repeats
  std::vector<double> pool_distances;                 ///< of the first repeat, for a histogram
  std::vector<std::vector<double>> queried_distances; ///< likewise, a strategy each

  const StrategyErrors& of(LabellingStrategy strategy) const; ///< throws std::out_of_range
};

/// A table with a constant appended: rows are parted by class into pool and test. Throws InputError for a
/// table without labels, with fewer than two classes, with cells that are not finite, a test share outside
/// (0, 1), and as replay() does.
MarginStudy margin_study(const data::Dataset& table, const MarginStudyOptions& options);

/// Mean, standard error and 95% interval (Student's t) of a - b over the repeats.
struct PairedDifference {
  double mean = 0, error = 0, low = 0, high = 0;
  double share_below = 0; ///< of repeats with a < b
};
PairedDifference paired_difference(const Eigen::Ref<const Vector>& a, const Eigen::Ref<const Vector>& b);

enum class SelectionRule { passive, margin, mixed, automatic };

struct Selection {
  std::vector<std::size_t> rows;  ///< of the pool, the first to label first
  Vector distances;               ///< of all pool rows to the boundary of the labelled ones
  bool margin = false;            ///< what `automatic` took: margin, else passive
  PairedDifference replayed = {}; ///< automatic: error of margin minus that of passive in the replay
  std::size_t replayed_seed_size = 0, replayed_budget = 0;
};

/// The rows of a pool to label next. `automatic` replays both strategies on the labelled rows, from half of
/// what is labelled there on, and takes margin sampling where its error is lower by more than a standard
/// error. Scaled by the figures of labelled and pool rows together. Throws InputError where a class has fewer
/// than two labelled rows, or the pool has another number of columns, fewer rows than asked for, or cells
/// that are not finite.
Selection select_to_label(const data::Dataset& labelled, const data::RowMatrix& pool, std::size_t count,
                          SelectionRule rule, const MarginStudyOptions& options);

/// Features as the classifier takes them: scaled by the figures of `reference`, a constant appended.
Matrix classifier_columns(const data::RowMatrix& features, const data::RowMatrix& reference,
                          PoolScaling scaling);

} // namespace raphson::optim::tools
