#include "optim/tools/solvers/fastglz_demo.h"

#include "optim/data/digits.h"
#include "optim/engine/elastic_net.h"
#include "optim/engine/random.h"
#include "optim/engine/stopwatch.h"
#include "optim/report/text.h"
#include "optim/tools/solvers/fastglz_report.h"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace raphson::optim::tools {
namespace {

using Eigen::Index;
using report::at_least;
using report::at_most;
using report::Cell;

/// Digits 4 against 9, the first `rows` images; 9 is 1.
SparseGlmData digit_data(Index rows) {
  const std::array<int, 2> classes{4, 9};
  const data::Dataset digits =
      data::slice_rows(data::select_classes(data::digits(), classes), 0, static_cast<std::size_t>(rows));
  SparseGlmData d;
  d.x = standardise(digits.features, digits.name).x;
  d.y = Eigen::Map<const Eigen::VectorXi>(digits.labels.data(), rows).cast<double>();
  return d;
}

void equality_and_work(const DemoOptions& options, const SparseGlmData& digits, report::ToolReport& report) {
  const int resamples = options.brief ? 24 : 60, compared = options.brief ? 3 : 10;
  options.say("bootstraps of digits 4 against 9, together");
  const Stopwatch stopwatch;
  const BootstrapSummary boot = sparse_bootstrap(digits, {0.2, 0.05}, resamples, 1);
  const double together = stopwatch.seconds();

  // By the conditions and the solver of elastic_net.h, which share nothing with this one.
  const auto one = [&](Index k) {
    return ElasticNetProblem(digits.x, digits.y,
                             {.family = digits.family,
                              .l1 = boot.problems.l1[k],
                              .l2 = boot.problems.l2[k],
                              .weights = boot.problems.weights.col(k)});
  };
  double residual = 0;
  for (Index k = 0; k < resamples; ++k) {
    Vector found(digits.x.cols() + 1);
    found << boot.fits.coefficients.col(k), boot.fits.intercepts[k];
    residual =
        std::max(residual, one(k).optimality_residual(found).lpNorm<Eigen::Infinity>() / boot.problems.l1[k]);
  }
  options.say("the same by coordinate descent");
  double difference = 0, descent_seconds = 0;
  for (Index k = 0; k < compared; ++k) {
    const Stopwatch descent;
    const ElasticNetProblem problem = one(k);
    const Vector w = minimise(problem, problem.start(), CoordinateDescentOptions{.tolerance = 1e-8})
                         .x.head(digits.x.cols());
    descent_seconds += descent.seconds();
    difference = std::max(difference, (boot.fits.coefficients.col(k) - w).lpNorm<Eigen::Infinity>()
                                          / w.lpNorm<Eigen::Infinity>());
  }
  options.say("the same one by one");
  const LoopCost loop = solve_one_by_one(digits.x, boot.problems);
  const FastglzWork& alone = loop.work;
  const FastglzWork& w = boot.fits.work;
  report::Table table{{{std::to_string(resamples) + " bootstraps"},
                       {"products with X"},
                       {"Gram matrices"},
                       {"Choleskys"},
                       {"iterations"},
                       {"time (s)"}},
                      {}};
  table.rows.push_back({"FaSTGLZ, together", w.products, w.gram_matrices, w.choleskys, w.iterations,
                        Cell::fixed(together, 2)});
  table.rows.push_back({"FaSTGLZ, one by one", alone.products, alone.gram_matrices, alone.choleskys,
                        alone.iterations, Cell::fixed(loop.seconds, 2)});
  table.rows.push_back({"coordinate descent to 1e-8, a loop", "-", "-", "-", "-",
                        Cell::fixed(descent_seconds / compared * resamples, 2)});
  report.tables.push_back({"work", "Sparse logistic models of digits 4 against 9", table});
  report.claims.push_back(at_most("largest KKT residual / l1 over the bootstraps", residual, 1e-4));
  report.claims.push_back(
      at_most("max |w - w of coordinate descent| / max |w|, " + std::to_string(compared) + " bootstraps",
              difference, 1e-3));
  report.claims.push_back(at_most("products with X together / one by one",
                                  static_cast<double>(w.products) / static_cast<double>(alone.products),
                                  0.1));
}

/// Normal columns, the first five of which matter.
SparseGlmData simulated(std::uint64_t seed, Index rows, Index columns) {
  constexpr std::array<double, 5> w{2, -2, 1.5, -1.5, 1.5};
  RandomStream random(seed, "fastglz truth");
  SparseGlmData d;
  Matrix x(rows, columns);
  for (Index i = 0; i < x.rows(); ++i)
    for (Index j = 0; j < x.cols(); ++j) x(i, j) = random.normal();
  d.y.resize(x.rows());
  for (Index i = 0; i < x.rows(); ++i) {
    double eta = 0;
    for (Index j = 0; j < 5; ++j) eta += w[static_cast<std::size_t>(j)] * x(i, j);
    d.y[i] = random.uniform() < glm_mean(GlmFamily::logistic, eta);
  }
  d.x = standardise(x, "simulated table").x;
  return d;
}

/// Where the table is larger than the caches: time follows the products. Printed, not claimed: it depends on
/// the machine.
void wide_table(const DemoOptions& options, report::ToolReport& report) {
  options.say("a table of 10,000 columns");
  SparseGlmData wide = simulated(1, 100, 10000);
  const Stopwatch stopwatch;
  const BootstrapSummary boot = sparse_bootstrap(wide, {0.35, 0.05}, 30, 1);
  const double together = stopwatch.seconds();
  options.say("the same one by one");
  const LoopCost loop = solve_one_by_one(wide.x, boot.problems);
  report::Table table{{{"30 bootstraps"}, {"products with X"}, {"time (s)"}}, {}};
  table.rows.push_back({"FaSTGLZ, together", boot.fits.work.products, Cell::fixed(together, 2)});
  table.rows.push_back({"FaSTGLZ, one by one", loop.work.products, Cell::fixed(loop.seconds, 2)});
  report.tables.push_back({"wide", "100 rows, 10,000 columns", table});
}

void permutation_test(const DemoOptions& options, const SparseGlmData& digits, report::ToolReport& report) {
  const int permutations = options.brief ? 19 : 99, repeats = options.brief ? 1 : 5;
  options.say("permutation test of the digits");
  const PermutationTest test = sparse_permutation_test(digits, {{0.2, 0.05}}, 5, permutations, 1);
  const auto& scores = test.permuted_scores;
  const double mean = std::accumulate(scores.begin(), scores.end(), 0.0) / static_cast<double>(scores.size());
  report.values.emplace_back("accuracy of the true labels", test.true_score);
  report.values.emplace_back("mean accuracy of permuted labels", mean);
  report.values.emplace_back("largest of permuted labels", *std::max_element(scores.begin(), scores.end()));
  report.values.emplace_back("p", test.p_value);
  report.figures.push_back({"permutations",
                            {{permutation_plot(test, "accuracy")},
                             {880, 320},
                             "Digits 4 against 9: accuracy with the true labels and with permuted ones"}});
  report.claims.push_back(at_least("accuracy of the true labels", test.true_score, 0.85));
  report.claims.push_back(at_least("mean accuracy of permuted labels", mean, 0.45));
  report.claims.push_back(at_most("mean accuracy of permuted labels", mean, 0.62));
  report.claims.push_back(at_most("p of the true labels", test.p_value, 1.0 / (permutations + 1) + 1e-12));

  int insignificant = 0;
  report::Table table{{{"labels permuted beforehand"}, {"accuracy"}, {"p"}}, {}};
  for (int repeat = 1; repeat <= repeats; ++repeat) {
    options.say("permutation test of permuted labels " + std::to_string(repeat));
    SparseGlmData null = digits;
    RandomStream random(static_cast<std::uint64_t>(repeat), "fastglz null labels");
    random.shuffle(null.y);
    const PermutationTest t =
        sparse_permutation_test(null, {{0.2, 0.05}}, 5, 19, static_cast<std::uint64_t>(repeat));
    insignificant += t.p_value > 0.05;
    table.rows.push_back({repeat, t.true_score, t.p_value});
  }
  report.tables.push_back({"null", "The same test where there is nothing to find", table});
  if (!options.brief)
    report.claims.push_back(at_least("permuted labels with p > 0.05, of 5", insignificant, 4));
}

void stability(const DemoOptions& options, report::ToolReport& report) {
  const Seeds seeds = options.seeds_or({1, 2, 3});
  report::Table table{{{"seed"},
                       {"true columns among the 10 most selected"},
                       {"their mean frequency"},
                       {"mean frequency of the others"}},
                      {}};
  for (const std::uint64_t seed : seeds) {
    options.say("stability selection, seed " + std::to_string(seed));
    const BootstrapSummary boot =
        sparse_bootstrap(simulated(seed, 150, 1000), {0.35, 0.05}, options.brief ? 30 : 50, seed);
    std::vector<Index> order(static_cast<std::size_t>(boot.frequency.size()));
    std::iota(order.begin(), order.end(), Index{0});
    std::stable_sort(order.begin(), order.end(),
                     [&](Index a, Index b) { return boot.frequency[a] > boot.frequency[b]; });
    const auto found = std::count_if(order.begin(), order.begin() + 10, [](Index j) { return j < 5; });
    const double mean = boot.frequency.head(5).mean();
    table.rows.push_back(
        {static_cast<long>(seed), static_cast<long>(found), mean, boot.frequency.tail(995).mean()});
    const std::string name = ", seed " + std::to_string(seed);
    report.claims.push_back(
        at_least("true columns among the 10 most selected" + name, static_cast<double>(found), 4));
    report.claims.push_back(at_least("mean frequency of the true columns" + name, mean, 0.65));
  }
  report.tables.push_back({"stability", "150 rows, 1,000 columns, five of which matter", table});
}

} // namespace

report::ToolReport fastglz_demo(const DemoOptions& options) {
  report::ToolReport report{.title = "FaSTGLZ: many sparse models at once"};
  const SparseGlmData digits = digit_data(120);
  equality_and_work(options, digits, report);
  if (!options.brief) wide_table(options, report);
  permutation_test(options, digits, report);
  stability(options, report);
  report.paragraphs.push_back(
      "All bootstraps of a sparse logistic model trained together take a small part of the products with the "
      "data that training them one by one takes, and end where coordinate descent ends. The digits fit the "
      "processor's cache, where a product with many columns takes as long as so many single ones: there the "
      "count saves no time. A table of 10,000 columns does not fit it, and there it does.");
  return report;
}

} // namespace raphson::optim::tools
