#include "optim/engine/cosine_dictionary.h"
#include "optim/engine/random.h"
#include "optim/tools/signals/fast_demo_parts.h"
#include "optim/tools/signals/fast_dictionary.h"
#include "optim/tools/signals/fast_report.h"

#include <algorithm>
#include <bit>
#include <cmath>

namespace raphson::optim::tools {
namespace {

using Eigen::Index;
using report::Cell;

double relative_error(const Matrix& a, const Matrix& estimate) { return (a - estimate).norm() / a.norm(); }

HierarchyResult by_halving(const Matrix& a) {
  return hierarchical_factors(a, plan_by_halving(a.rows(), a.cols()),
                              {.split_sweeps = 30, .refine_sweeps = 30});
}

/// 1 % of noise on every entry.
Matrix disturbed(const Matrix& a) {
  RandomStream random(1, "noise on a matrix");
  Matrix noisy = a;
  const double deviation = 0.01 * a.norm() / std::sqrt(static_cast<double>(a.size()));
  for (double& entry : noisy.reshaped()) entry += deviation * random.normal();
  return noisy;
}

Matrix row_doubled(const Matrix& a) {
  Matrix doubled = a;
  doubled.row(5) *= 2;
  return doubled;
}

Matrix shuffled(const Matrix& a) {
  RandomStream random(1, "order of a matrix");
  std::vector<Index> rows(static_cast<std::size_t>(a.rows()));
  for (std::size_t i = 0; i < rows.size(); ++i) rows[i] = static_cast<Index>(i);
  std::vector<Index> columns = rows;
  random.shuffle(rows);
  random.shuffle(columns);
  return a(rows, columns);
}

} // namespace

Matrix hadamard_matrix(Index n) {
  Matrix h(n, n);
  for (Index i = 0; i < n; ++i)
    for (Index j = 0; j < n; ++j)
      h(i, j) = std::popcount(static_cast<std::uint64_t>(i & j)) % 2 == 0 ? 1 : -1;
  return h / std::sqrt(static_cast<double>(n));
}

double fast_hadamard(report::ToolReport& report, const DemoOptions& options) {
  report::Table table{{{"n"}, {"matrix"}, {"relative error"}, {"nonzeros"}, {"2 n log2 n"}, {"RCG"}}, {}};
  double rise = 0;
  const auto row = [&](const Matrix& a, const char* name, const HierarchyResult& result) {
    const Index n = a.rows(), least = 2 * n * (std::bit_width(static_cast<std::uint64_t>(n)) - 1);
    table.rows.push_back({n, name, relative_error(a, result.transform.dense()), result.transform.nonzeros(),
                          least, Cell::fixed(result.transform.complexity_gain(), 2)});
    return least;
  };
  const std::vector<Index> sizes =
      options.brief ? std::vector<Index>{16, 32} : std::vector<Index>{16, 32, 64, 128};
  for (const Index n : sizes) {
    options.say("Hadamard " + std::to_string(n));
    const Matrix a = hadamard_matrix(n);
    const HierarchyResult result = by_halving(a);
    const Index least = row(a, "Hadamard", result);
    rise = std::max(rise, result.largest_rise);
    const std::string name = ", Hadamard " + std::to_string(n);
    const Matrix stored = parse_fast_transform(to_json(result.transform), "factors.json").dense();
    report.claims.push_back(report::at_most("relative error of the stored triplets' product" + name,
                                            relative_error(a, stored), 1e-10));
    const auto off = static_cast<double>(std::abs(result.transform.nonzeros() - least));
    report.claims.push_back(report::at_most("nonzeros off 2 n log2 n" + name, off, 0));
  }
  // How fragile that is: said, not hidden. Here the objective may rise (FactorSet::Kind::row_column).
  const Matrix a = hadamard_matrix(32);
  row(shuffled(a), "Hadamard, rows and columns shuffled", by_halving(shuffled(a)));
  row(row_doubled(a), "Hadamard, a row twice as large", by_halving(row_doubled(a)));
  row(disturbed(a), "Hadamard and 1 % of noise", by_halving(disturbed(a)));
  report.tables.push_back({"hadamard",
                           "Hadamard matrices: the fast transform is found in natural order, and in no other",
                           table});
  return rise;
}

double fast_cosines(report::ToolReport& report, const DemoOptions& options) {
  options.say("DCT of 64");
  const Matrix a = cosine_dictionary(64, 64).transpose();
  const HierarchyResult result =
      hierarchical_factors(a, plan_by_totals(64, 64, {.residual = 1, .decay = 0.6}), {});
  const FastTransform& fast = result.transform;
  const Index storage = fast.nonzeros();
  const double error = relative_error(a, fast.dense()), svd = relative_error(a, truncated_to(a, storage)),
               cut = relative_error(a, thresholded_to(a, storage));
  report.tables.push_back({"dct",
                           "The DCT-II of 64 samples in four factors, against as many numbers otherwise",
                           {{{"form"}, {"relative error"}, {"numbers"}, {"RCG"}},
                            {{"four factors", error, storage, Cell::fixed(fast.complexity_gain(), 2)},
                             {"truncated SVD", svd, storage, Cell::fixed(fast.complexity_gain(), 2)},
                             {"largest entries", cut, storage, Cell::fixed(fast.complexity_gain(), 2)}}}});
  report::Table levels{
      {{"factors"}, {"nonzeros"}, {"error after the split"}, {"error refined on the matrix"}}, {}};
  for (std::size_t l = 0; l < result.levels.size(); ++l)
    levels.rows.push_back(
        {l + 2, result.levels[l].product.nonzeros(), result.levels[l].split, result.levels[l].refined});
  report.tables.push_back({"dct-levels", "The same, level by level", levels});
  report.images.push_back(factor_patterns(fast));
  report.claims.push_back(report::at_most("relative error, DCT of 64", error, 0.35));
  report.claims.push_back(report::at_least("its relative complexity gain", fast.complexity_gain(), 1.8));
  report.claims.push_back(report::at_least("truncated SVD of as many numbers", svd, 0.8));
  report.claims.push_back(
      report::at_least("as many of the largest entries, over the factors' error", cut / error, 1.2));
  report.claims.push_back(report::at_most("error refined over error split, last level",
                                          result.levels.back().refined / result.levels.back().split, 0.95));
  return result.largest_rise;
}

} // namespace raphson::optim::tools
