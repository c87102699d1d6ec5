#include "optim/tools/solvers/fastglz_uses.h"

#include "dsp/error.h"
#include "optim/engine/random.h"
#include "optim/engine/statistics.h"
#include "optim/engine/stopwatch.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <numeric>

namespace raphson::optim::tools {
namespace {

using Eigen::Index;
constexpr int most_draws = 1000; // in a row, before the data are held to be at fault

/// Group numbers from 0 in order of appearance, a row each.
struct Groups {
  std::vector<std::size_t> of_row;
  std::size_t count = 0;

  Groups(const std::vector<int>& labels, Index rows) : of_row(static_cast<std::size_t>(rows)) {
    std::map<int, std::size_t> numbers;
    for (std::size_t i = 0; i < of_row.size(); ++i)
      of_row[i] = labels.empty() ? i : numbers.emplace(labels[i], numbers.size()).first->second;
    count = labels.empty() ? of_row.size() : numbers.size();
  }
};

void check(const SparseGlmData& data) {
  check_glm_target(data.family, data.y, "the target");
  const auto rows = static_cast<std::size_t>(data.x.rows());
  for (const auto* labels : {&data.groups, &data.exchange})
    if (!labels->empty() && labels->size() != rows)
      throw InputError("there are " + std::to_string(labels->size()) + " group labels for "
                       + std::to_string(rows) + " rows");
}

bool has_one_class(const SparseGlmData& data, const Vector& y, const Eigen::Ref<const Vector>& weights) {
  if (data.family == GlmFamily::linear) return false;
  const double sum = weights.dot(y);
  return sum == 0 || (data.family == GlmFamily::logistic && sum == weights.sum());
}

template <class Draw> int redraw(const Draw& draw_is_bad, const char* what) {
  int redrawn = 0;
  while (draw_is_bad())
    if (++redrawn > most_draws)
      throw InputError(std::string(what)
                       + " hold one class alone however they are drawn: a class needs more "
                         "rows, or more groups");
  return redrawn;
}

/// A fold number for each row, groups together, folds of equal numbers of groups. Not stratified by class:
/// the same folds then serve every permutation of the labels.
std::vector<int> draw_folds(const SparseGlmData& data, int folds, RandomStream& random, int& redrawn) {
  const Groups groups(data.groups, data.x.rows());
  if (folds < 2 || static_cast<std::size_t>(folds) > groups.count)
    throw InputError("--folds: " + std::to_string(folds) + " does not suit " + std::to_string(groups.count)
                     + (data.groups.empty() ? " rows" : " groups") + ": 2 up to that many do");
  if (data.family == GlmFamily::logistic) {
    const double ones = data.y.sum(), fewer = std::min(ones, static_cast<double>(data.y.size()) - ones);
    if (fewer < folds)
      throw InputError("--folds: a class has " + std::to_string(static_cast<int>(fewer))
                       + " rows, fewer than " + std::to_string(folds) + " folds");
  }
  std::vector<std::size_t> order(groups.count);
  std::vector<int> fold(groups.of_row.size());
  redrawn += redraw(
      [&] {
        std::iota(order.begin(), order.end(), std::size_t{0});
        random.shuffle(order);
        std::vector<int> of_group(groups.count);
        for (std::size_t k = 0; k < order.size(); ++k) of_group[order[k]] = static_cast<int>(k) % folds;
        Matrix held_out = Matrix::Zero(data.x.rows(), folds);
        for (std::size_t i = 0; i < fold.size(); ++i) {
          fold[i] = of_group[groups.of_row[i]];
          held_out(static_cast<Index>(i), fold[i]) = 1;
        }
        for (Index f = 0; f < folds; ++f)
          if (has_one_class(data, data.y, held_out.col(f))
              || has_one_class(data, data.y, Vector::Ones(data.x.rows()) - held_out.col(f)))
            return true;
        return false;
      },
      "folds");
  return fold;
}

/// Twice the loss above that of the best possible eta: 0 where the model predicts the row perfectly.
double deviance(GlmFamily family, double y, double eta) {
  double perfect = 0;
  if (family == GlmFamily::poisson) perfect = y > 0 ? y - y * std::log(y) : 0;
  return 2 * (glm_loss_value(family, y, eta) - perfect);
}

/// What a labelling's models, one a fold, say about the rows that each has not seen.
struct HeldOutErrors {
  double deviance = 0, deviance_error = 0, accuracy = 0;
};
HeldOutErrors held_out_errors(const SparseGlmData& data, const Eigen::Ref<const Vector>& y,
                              const std::vector<int>& fold, int folds, const Eigen::Ref<const Matrix>& w,
                              const Eigen::Ref<const Vector>& b) {
  Matrix eta = data.x * w;
  eta.rowwise() += b.transpose();
  Vector sum = Vector::Zero(folds), count = Vector::Zero(folds);
  double right = 0;
  for (Index i = 0; i < y.size(); ++i) {
    const int f = fold[static_cast<std::size_t>(i)];
    sum[f] += deviance(data.family, y[i], eta(i, f));
    count[f] += 1;
    right += (eta(i, f) >= 0) == (y[i] == 1);
  }
  const Vector means = sum.cwiseQuotient(count);
  HeldOutErrors e;
  e.deviance = means.mean();
  e.deviance_error = std::sqrt((means.array() - e.deviance).square().sum() / (folds * (folds - 1.0)));
  e.accuracy = right / static_cast<double>(y.size());
  return e;
}

/// Problems for labellings (columns of y) x grid x folds, folds innermost.
GlmProblems fold_problems(const SparseGlmData& data, const Matrix& y,
                          const std::vector<PenaltyFractions>& grid, const std::vector<int>& fold, int folds,
                          double l1_max) {
  const Index n = data.x.rows(), points = static_cast<Index>(grid.size());
  const Index count = y.cols() * points * folds;
  GlmProblems p{data.family, Matrix(n, y.cols() == 1 ? 1 : count), Matrix(n, count), Vector(count),
                Vector(count)};
  if (y.cols() == 1) p.labels = y;
  for (Index l = 0, k = 0; l < y.cols(); ++l)
    for (const PenaltyFractions& penalty : grid)
      for (int f = 0; f < folds; ++f, ++k) {
        if (y.cols() > 1) p.labels.col(k) = y.col(l);
        for (Index i = 0; i < n; ++i) p.weights(i, k) = fold[static_cast<std::size_t>(i)] != f;
        p.l1[k] = penalty.l1 * l1_max;
        p.l2[k] = penalty.l2 * l1_max;
      }
  return p;
}

void check_grid(const std::vector<PenaltyFractions>& grid) {
  if (grid.empty()) throw InputError("--l1: at least one penalty is needed");
  for (const PenaltyFractions& p : grid)
    if (!(p.l1 >= 0) || !(p.l2 >= 0) || !std::isfinite(p.l1) || !std::isfinite(p.l2))
      throw InputError("--l1, --l2: penalties are fractions of l1_max, 0 or more");
}

/// The labels in another order within each set of exchangeable rows.
Vector permute(const Vector& y, const Groups& exchange, RandomStream& random) {
  std::vector<std::vector<Index>> rows(exchange.count);
  for (std::size_t i = 0; i < exchange.of_row.size(); ++i)
    rows[exchange.of_row[i]].push_back(static_cast<Index>(i));
  Vector permuted(y.size());
  for (const auto& from : rows) {
    auto to = from;
    random.shuffle(to);
    for (std::size_t i = 0; i < from.size(); ++i) permuted[to[i]] = y[from[i]];
  }
  return permuted;
}

bool one_class_in_a_fold(const SparseGlmData& data, const Vector& y, const std::vector<int>& fold,
                         int folds) {
  for (int f = 0; f < folds; ++f) {
    Vector weights(y.size());
    for (Index i = 0; i < y.size(); ++i) weights[i] = fold[static_cast<std::size_t>(i)] != f;
    if (has_one_class(data, y, weights)) return true;
  }
  return false;
}

} // namespace

BootstrapSummary sparse_bootstrap(const SparseGlmData& data, const PenaltyFractions& penalty, int resamples,
                                  std::uint64_t seed, const FastglzOptions& options) {
  check(data);
  check_grid({penalty});
  if (resamples < 1) throw InputError("--resamples: at least 1 is needed");
  const Index n = data.x.rows(), p = data.x.cols();
  const Groups groups(data.groups, n);
  const double l1_max = largest_l1(data.x, data.y);
  RandomStream random(seed, "fastglz resamples");

  BootstrapSummary s;
  s.problems = {data.family, data.y, Matrix::Zero(n, resamples),
                Vector::Constant(resamples, penalty.l1 * l1_max),
                Vector::Constant(resamples, penalty.l2 * l1_max)};
  std::vector<double> counts(groups.count);
  for (Index k = 0; k < resamples; ++k)
    s.redrawn += redraw(
        [&] {
          std::fill(counts.begin(), counts.end(), 0.0);
          for (std::size_t g = 0; g < groups.count; ++g) ++counts[random.index(groups.count)];
          for (std::size_t i = 0; i < groups.of_row.size(); ++i)
            s.problems.weights(static_cast<Index>(i), k) = counts[groups.of_row[i]];
          return has_one_class(data, data.y, s.problems.weights.col(k));
        },
        "resamples");
  s.fits = fastglz(data.x, s.problems, options);

  const Matrix& w = s.fits.coefficients;
  s.frequency = (w.array() != 0).cast<double>().rowwise().mean();
  s.mean = w.rowwise().mean();
  s.low.resize(p);
  s.high.resize(p);
  for (Index j = 0; j < p; ++j) {
    s.low[j] = quantile(w.row(j).transpose(), 0.025);
    s.high[j] = quantile(w.row(j).transpose(), 0.975);
  }
  return s;
}

CrossValidation sparse_cross_validation(const SparseGlmData& data, const std::vector<PenaltyFractions>& grid,
                                        int folds, std::uint64_t seed, const FastglzOptions& options) {
  check(data);
  check_grid(grid);
  CrossValidation cv;
  cv.grid = grid;
  RandomStream random(seed, "fastglz folds");
  const std::vector<int> fold = draw_folds(data, folds, random, cv.redrawn);
  cv.problems = fold_problems(data, data.y, grid, fold, folds, largest_l1(data.x, data.y));
  cv.fits = fastglz(data.x, cv.problems, options);

  const auto points = static_cast<Index>(grid.size());
  cv.deviance.resize(points);
  cv.deviance_error.resize(points);
  cv.accuracy.resize(points);
  for (Index g = 0; g < points; ++g) {
    const HeldOutErrors e =
        held_out_errors(data, data.y, fold, folds, cv.fits.coefficients.middleCols(g * folds, folds),
                        cv.fits.intercepts.segment(g * folds, folds));
    cv.deviance[g] = e.deviance;
    cv.deviance_error[g] = e.deviance_error;
    cv.accuracy[g] = e.accuracy;
  }
  cv.deviance.minCoeff(&cv.best);
  cv.one_standard_error = cv.best;
  const auto heavier = [&](int a, int b) {
    const auto &pa = grid[static_cast<std::size_t>(a)], &pb = grid[static_cast<std::size_t>(b)];
    return pa.l1 > pb.l1 || (pa.l1 == pb.l1 && pa.l2 > pb.l2);
  };
  for (int g = 0; g < points; ++g)
    if (cv.deviance[g] <= cv.deviance[cv.best] + cv.deviance_error[cv.best]
        && heavier(g, cv.one_standard_error))
      cv.one_standard_error = g;
  return cv;
}

PermutationTest sparse_permutation_test(const SparseGlmData& data, const std::vector<PenaltyFractions>& grid,
                                        int folds, int permutations, std::uint64_t seed,
                                        const FastglzOptions& options) {
  check(data);
  check_grid(grid);
  if (permutations < 1) throw InputError("--perms: at least 1 is needed");
  PermutationTest test;
  RandomStream random(seed, "fastglz folds"), order(seed, "fastglz permutations");
  const std::vector<int> fold = draw_folds(data, folds, random, test.redrawn);
  std::vector<int> everyone(static_cast<std::size_t>(data.x.rows()), 0);
  const Groups exchange(data.exchange.empty() ? everyone : data.exchange, data.x.rows());

  Matrix labels(data.x.rows(), permutations + 1);
  labels.col(0) = data.y;
  for (Index k = 1; k <= permutations; ++k)
    test.redrawn += redraw(
        [&] {
          labels.col(k) = permute(data.y, exchange, order);
          return one_class_in_a_fold(data, labels.col(k), fold, folds);
        },
        "folds of permuted labels");
  test.problems = fold_problems(data, labels, grid, fold, folds, largest_l1(data.x, data.y));
  test.fits = fastglz(data.x, test.problems, options);

  const auto points = static_cast<Index>(grid.size());
  int as_good = 0;
  for (Index l = 0, k = 0; l <= permutations; ++l) {
    double best = -std::numeric_limits<double>::infinity();
    int chosen = 0;
    for (Index g = 0; g < points; ++g, k += folds) {
      const HeldOutErrors e =
          held_out_errors(data, labels.col(l), fold, folds, test.fits.coefficients.middleCols(k, folds),
                          test.fits.intercepts.segment(k, folds));
      const double score = data.family == GlmFamily::logistic ? e.accuracy : -e.deviance;
      if (score > best) chosen = static_cast<int>(g);
      best = std::max(best, score);
    }
    if (l == 0) {
      test.true_score = best;
      test.best = chosen;
      continue;
    }
    test.permuted_scores.push_back(best);
    as_good += best >= test.true_score;
  }
  test.p_value = (1.0 + as_good) / (1.0 + permutations);
  return test;
}

LoopCost solve_one_by_one(const Matrix& x, const GlmProblems& problems, const FastglzOptions& options) {
  FastglzOptions quiet = options;
  quiet.progress = {};
  const Stopwatch stopwatch;
  LoopCost cost;
  for (Index k = 0; k < problems.count(); ++k) {
    if (options.progress) options.progress(k, problems.count());
    const GlmProblems one{problems.family, problems.label(k), problems.weights.col(k),
                          problems.l1.segment(k, 1), problems.l2.segment(k, 1)};
    const FastglzWork w = fastglz(x, one, quiet).work;
    cost.work.products += w.products;
    cost.work.columns += w.columns;
    cost.work.choleskys += w.choleskys;
    cost.work.gram_matrices += w.gram_matrices;
    cost.work.iterations += w.iterations;
    cost.work.groups += w.groups;
  }
  cost.seconds = stopwatch.seconds();
  return cost;
}

} // namespace raphson::optim::tools
