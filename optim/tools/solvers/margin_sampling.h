// Active learning by the margin against random labels.
//
// A classifier w is fitted on a few labelled rows; margin sampling then asks for the labels of the rows
// nearest to its boundary, passive learning for random ones. Strategies differ in what they ask for and in
// nothing else: the same pool, the same seed set, the same order of random rows.
//
//   passive      random rows
//   margin       refit, ask for the `batch` rows of least |x^T w|, and again until the budget is spent
//   one_shot     the rows of least |x^T w|, w from the seed set alone: the form that the theory treats
//   oracle       the rows nearest to a boundary that is given: the true one, or that of all labels
//   mixed        as margin, but each row is random with probability `mix`
//
// A. Tifrea, J. Clarysse & F. Yang, "Margin-based sampling in high dimensions: When being active is less
// efficient than staying passive", ICML 2023, arXiv 2212.00772.
#pragma once

#include "optim/engine/random.h"
#include "optim/engine/types.h"

#include <cstddef>
#include <string_view>
#include <vector>

namespace raphson::optim::tools {

enum class LabellingStrategy { passive, margin, one_shot, oracle, mixed };

/// "pl", "margin", "oneshot", "oracle", "mixed": throws InputError for anything else.
LabellingStrategy parse_strategy(std::string_view name);
const char* name_of(LabellingStrategy strategy);

/// Logistic regression, (1/n) sum log(1 + exp(-y x^T w)) + lambda/2 |w|^2 to a gradient of 1e-9; more than
/// two classes each against the rest. A constant is a column of x.
class LogisticClassifier {
public:
  /// Throws InputError where fewer than two classes have a row.
  LogisticClassifier(const Matrix& x, const std::vector<int>& labels, int classes, double lambda);

  const Matrix& weights() const { return weights_; } ///< d x 1 for two classes, else one column a class

  /// Of the class: x^T w, for two classes that of class 1 and minus that.
  int classify(const Eigen::Ref<const Eigen::RowVectorXd>& logits) const;
  double error(const Matrix& x, const std::vector<int>& labels) const; ///< share of rows

  /// The distance to the boundary, |x^T w| / |w|; with more than two classes the top logit minus the second.
  /// From logits, not probabilities, which round to 0 or 1 and tie.
  Vector distances(const Matrix& x) const;

private:
  Matrix weights_;
};

struct LabelledPool {
  Matrix x;
  std::vector<int> labels; ///< 0 ... classes - 1
  int classes = 2;

  std::size_t size() const { return labels.size(); }
};

/// Which rows are labelled first and in which order passive learning takes the others.
struct PoolOrder {
  std::vector<std::size_t> seed_set, others;
  int redrawn = 0; ///< seed sets that lacked a class
};
/// A uniform seed set and order, by the streams "margin seed set" and "margin pool order" of the seed. Throws
/// InputError where no seed set of this size has all classes, after 1,000.
PoolOrder draw_pool_order(const LabelledPool& pool, std::size_t seed_size, std::uint64_t seed);

struct ReplayOptions {
  LabellingStrategy strategy = LabellingStrategy::passive;
  std::vector<std::size_t> budgets = {}; ///< labels, those of the seed set included, rising
  std::size_t batch = 10;
  double mix = 0.5;
  double lambda = 1e-6;
};

struct Replay {
  std::vector<std::size_t> labelled;           ///< rows in the order of their labels, the seed set first
  std::vector<LogisticClassifier> classifiers; ///< on all labelled rows, at each budget
};

/// `oracle_distances`, one a row, serve the oracle alone. Ties go by row. Throws InputError for budgets that
/// do not rise, lie below the seed set or above the pool, or a mix outside [0, 1].
Replay replay(const LabelledPool& pool, const PoolOrder& order, const ReplayOptions& options,
              const Vector& oracle_distances, std::uint64_t seed);

/// What a replay asks for next: `count` of the rows that order.others holds, each the next of them with
/// probability `mix` and the nearest otherwise.
std::vector<std::size_t> choose_rows(const PoolOrder& order, const Vector& distances, std::size_t count,
                                     double mix, std::uint64_t seed);

/// The `count` rows of least distance of those listed, nearest first.
std::vector<std::size_t> nearest_rows(const Vector& distances, const std::vector<std::size_t>& among,
                                      std::size_t count);

} // namespace raphson::optim::tools
