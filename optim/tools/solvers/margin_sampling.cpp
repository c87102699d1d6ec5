#include "optim/tools/solvers/margin_sampling.h"

#include "dsp/error.h"
#include "optim/engine/glm.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <numeric>
#include <string>

namespace raphson::optim::tools {
namespace {

using Eigen::Index;
constexpr std::array<const char*, 5> names{"pl", "margin", "oneshot", "oracle", "mixed"};

LogisticClassifier fit(const LabelledPool& pool, const std::vector<std::size_t>& rows, double lambda) {
  std::vector<int> labels(rows.size());
  for (std::size_t i = 0; i < rows.size(); ++i) labels[i] = pool.labels[rows[i]];
  return {pool.x(rows, Eigen::all), labels, pool.classes, lambda};
}

bool has_all_classes(const LabelledPool& pool, const std::vector<std::size_t>& rows) {
  std::vector<bool> seen(static_cast<std::size_t>(pool.classes), false);
  for (const std::size_t row : rows) seen[static_cast<std::size_t>(pool.labels[row])] = true;
  return std::find(seen.begin(), seen.end(), false) == seen.end();
}

void check(const LabelledPool& pool, const PoolOrder& order, const ReplayOptions& o) {
  if (o.budgets.empty()) throw InputError("--budgets: at least one is needed");
  for (std::size_t k = 0; k < o.budgets.size(); ++k) {
    const auto fail = [&](const std::string& why) {
      throw InputError("--budgets: " + std::to_string(o.budgets[k]) + " " + why);
    };
    if (k > 0 && o.budgets[k] <= o.budgets[k - 1]) fail("does not rise above the budget before it");
    if (o.budgets[k] < order.seed_set.size())
      fail("is below the " + std::to_string(order.seed_set.size()) + " rows of the seed set");
    if (o.budgets[k] > pool.size()) fail("is above the " + std::to_string(pool.size()) + " rows of the pool");
  }
  if (!(o.mix >= 0 && o.mix <= 1)) throw InputError("--mix: it must lie in [0, 1]");
  if (o.batch == 0) throw InputError("--batch: at least 1 row is needed");
}

/// The rows that are not labelled yet, in passive order, and what to ask for next.
class Queries {
public:
  Queries(const PoolOrder& order, std::uint64_t seed)
      : rows_(order.seed_set.size() + order.others.size()), open_(order.others), coin_(seed, "margin mix") {}

  std::vector<std::size_t> passive(std::size_t count) {
    return take({open_.begin(), open_.begin() + static_cast<std::ptrdiff_t>(count)});
  }

  std::vector<std::size_t> nearest(const Vector& distances, std::size_t count) {
    return take(nearest_rows(distances, open_, count));
  }

  /// Each row random with probability mix: the next of the passive order; otherwise the next nearest.
  std::vector<std::size_t> mixed(const Vector& distances, std::size_t count, double mix) {
    const std::vector<std::size_t> near = nearest_rows(distances, open_, std::min(2 * count, open_.size()));
    std::vector<std::size_t> chosen;
    const auto next = [&](const std::vector<std::size_t>& from) {
      for (const std::size_t row : from)
        if (std::find(chosen.begin(), chosen.end(), row) == chosen.end()) return row;
      return from.front(); // never: from has more rows than are chosen
    };
    while (chosen.size() < count) chosen.push_back(coin_.uniform() < mix ? next(open_) : next(near));
    return take(chosen);
  }

private:
  std::vector<std::size_t> take(std::vector<std::size_t> rows) {
    std::vector<bool> taken(rows_, false);
    for (const std::size_t row : rows) taken[row] = true;
    std::erase_if(open_, [&](std::size_t row) { return taken[row]; });
    return rows;
  }

  std::size_t rows_; // all of them are numbered below this
  std::vector<std::size_t> open_;
  RandomStream coin_;
};

} // namespace

LabellingStrategy parse_strategy(std::string_view name) {
  for (std::size_t k = 0; k < names.size(); ++k)
    if (name == names[k]) return static_cast<LabellingStrategy>(k);
  throw InputError("'" + std::string(name) + "' is no strategy: pl, margin, oneshot, oracle or mixed is");
}

const char* name_of(LabellingStrategy strategy) { return names[static_cast<std::size_t>(strategy)]; }

LogisticClassifier::LogisticClassifier(const Matrix& x, const std::vector<int>& labels, int classes,
                                       double lambda) {
  if (std::adjacent_find(labels.begin(), labels.end(), std::not_equal_to<>()) == labels.end())
    throw InputError("the labelled rows hold fewer than two classes");
  const int first = classes == 2 ? 1 : 0;
  weights_.resize(x.cols(), classes - first);
  Vector y(x.rows());
  for (int c = first; c < classes; ++c) {
    for (Index i = 0; i < x.rows(); ++i) y[i] = labels[static_cast<std::size_t>(i)] == c;
    weights_.col(c - first) = fit_ridge_glm(GlmFamily::logistic, x, y, lambda).theta;
  }
}

int LogisticClassifier::classify(const Eigen::Ref<const Eigen::RowVectorXd>& logits) const {
  if (logits.size() == 1) return logits[0] > 0;
  Index top = 0;
  logits.maxCoeff(&top);
  return static_cast<int>(top);
}

double LogisticClassifier::error(const Matrix& x, const std::vector<int>& labels) const {
  const Matrix logits = x * weights_;
  std::size_t wrong = 0;
  for (Index i = 0; i < x.rows(); ++i)
    wrong += classify(logits.row(i)) != labels[static_cast<std::size_t>(i)];
  return static_cast<double>(wrong) / static_cast<double>(labels.size());
}

Vector LogisticClassifier::distances(const Matrix& x) const {
  Matrix logits = x * weights_;
  if (logits.cols() == 1) return logits.col(0).cwiseAbs() / weights_.norm();
  Vector d(x.rows());
  for (Index i = 0; i < x.rows(); ++i) {
    Eigen::RowVectorXd row = logits.row(i);
    std::nth_element(row.data(), row.data() + 1, row.data() + row.size(), std::greater<>());
    d[i] = row[0] - row[1];
  }
  return d;
}

PoolOrder draw_pool_order(const LabelledPool& pool, std::size_t seed_size, std::uint64_t seed) {
  if (seed_size > pool.size())
    throw InputError("--seed-size: " + std::to_string(seed_size) + " is above the "
                     + std::to_string(pool.size()) + " rows of the pool");
  RandomStream random(seed, "margin seed set"), order(seed, "margin pool order");
  std::vector<std::size_t> rows(pool.size());
  PoolOrder result;
  for (;; ++result.redrawn) {
    if (result.redrawn > 1000)
      throw InputError("--seed-size: no " + std::to_string(seed_size) + " random rows hold all "
                       + std::to_string(pool.classes) + " classes; more are needed");
    std::iota(rows.begin(), rows.end(), std::size_t{0});
    random.shuffle(rows);
    result.seed_set.assign(rows.begin(), rows.begin() + static_cast<std::ptrdiff_t>(seed_size));
    if (has_all_classes(pool, result.seed_set)) break;
  }
  result.others.assign(rows.begin() + static_cast<std::ptrdiff_t>(seed_size), rows.end());
  std::sort(result.others.begin(), result.others.end());
  order.shuffle(result.others);
  return result;
}

std::vector<std::size_t> nearest_rows(const Vector& distances, const std::vector<std::size_t>& among,
                                      std::size_t count) {
  std::vector<std::size_t> rows = among;
  const auto before = [&](std::size_t a, std::size_t b) {
    const double da = distances[static_cast<Index>(a)], db = distances[static_cast<Index>(b)];
    return da < db || (da == db && a < b);
  };
  count = std::min(count, rows.size());
  std::partial_sort(rows.begin(), rows.begin() + static_cast<std::ptrdiff_t>(count), rows.end(), before);
  rows.resize(count);
  return rows;
}

std::vector<std::size_t> choose_rows(const PoolOrder& order, const Vector& distances, std::size_t count,
                                     double mix, std::uint64_t seed) {
  return Queries(order, seed).mixed(distances, std::min(count, order.others.size()), mix);
}

Replay replay(const LabelledPool& pool, const PoolOrder& order, const ReplayOptions& o,
              const Vector& oracle_distances, std::uint64_t seed) {
  check(pool, order, o);
  Replay r{order.seed_set, {}};
  Queries queries(order, seed);
  const auto label = [&](const std::vector<std::size_t>& rows) {
    r.labelled.insert(r.labelled.end(), rows.begin(), rows.end());
  };
  Vector seed_distances;
  if (o.strategy == LabellingStrategy::one_shot)
    seed_distances = fit(pool, r.labelled, o.lambda).distances(pool.x);
  const auto refitted = [&] { return fit(pool, r.labelled, o.lambda).distances(pool.x); };

  for (const std::size_t budget : o.budgets) {
    while (r.labelled.size() < budget) {
      const std::size_t all = budget - r.labelled.size(), some = std::min(o.batch, all);
      switch (o.strategy) {
      case LabellingStrategy::passive:
        label(queries.passive(all));
        break;
      case LabellingStrategy::one_shot:
        label(queries.nearest(seed_distances, all));
        break;
      case LabellingStrategy::oracle:
        label(queries.nearest(oracle_distances, all));
        break;
      case LabellingStrategy::margin:
        label(queries.nearest(refitted(), some));
        break;
      case LabellingStrategy::mixed:
        label(o.mix == 1 ? queries.passive(some) : queries.mixed(refitted(), some, o.mix));
        break;
      }
    }
    r.classifiers.push_back(fit(pool, r.labelled, o.lambda));
  }
  return r;
}

} // namespace raphson::optim::tools
