#include "optim/tools/solvers/sparse_regression.h"

#include "dsp/error.h"
#include "optim/data/split.h"
#include "optim/engine/parallel.h"
#include "optim/engine/symmetric_eigen.h"
#include "optim/report/text.h"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace raphson::optim::tools {
namespace {

using Eigen::Index;

/// Of the training rows, by which they and the others are divided.
struct Scales {
  Vector columns;
  double target = 1;
};

double root_mean_square(const Eigen::Ref<const Vector>& x) {
  return std::sqrt(x.squaredNorm() / static_cast<double>(x.size()));
}

Scales scales_of(const data::Dataset& rows) {
  Scales scales{Vector::Ones(rows.features.cols())};
  for (Index j = 0; j < rows.features.cols(); ++j)
    if (const double size = root_mean_square(rows.features.col(j)); size > 0) scales.columns[j] = size;
  scales.target = root_mean_square(rows.target);
  if (!(scales.target > 0)) throw InputError(rows.name + ": the target is 0 in every training row");
  return scales;
}

struct Fit {
  RegularisedCell cell;
  DiagonalRun run = {};
  Vector beta = {};               ///< in the table's units
  double training = 0, score = 0; ///< R²
  bool whole = true;              ///< it did not diverge
};

double r_squared(const data::Dataset& rows, const Vector& beta) {
  const Vector error = rows.features * beta - rows.target;
  return 1 - error.squaredNorm() / (rows.target.array() - rows.target.mean()).square().sum();
}

GradientRegularisation regularisation(const RegularisedCell& cell) {
  const auto mode = cell.mode == Regulariser::backward          ? GradientDifference::backward
                    : cell.mode == Regulariser::double_backprop ? GradientDifference::double_backprop
                                                                : GradientDifference::forward;
  const bool none = cell.mode == Regulariser::none;
  return {.gamma = none ? 0 : cell.gamma, .epsilon = cell.epsilon > 0 ? cell.epsilon : 1, .mode = mode};
}

std::string name_of_column(const data::Dataset& table, Index j) {
  return table.feature_names.empty() ? std::to_string(j + 1)
                                     : table.feature_names[static_cast<std::size_t>(j)];
}

/// By which the coefficients compare: the target's root mean square is 1, and so is each column's.
Vector scaled(const Vector& beta, const Scales& scales) {
  return beta.cwiseProduct(scales.columns) / scales.target;
}

void add_coefficients(const data::Dataset& table, const Fit& best, const Scales& scales,
                      report::ToolReport& report) {
  const Vector share = scaled(best.beta, scales);
  std::vector<Index> order(static_cast<std::size_t>(share.size()));
  std::iota(order.begin(), order.end(), Index{0});
  std::stable_sort(order.begin(), order.end(),
                   [&](Index a, Index b) { return std::abs(share[a]) > std::abs(share[b]); });
  report::Table largest{{{"column"}, {"coefficient"}, {"in root mean squares"}}, {}},
      all{{{"column"}, {"coefficient"}}, {}};
  for (std::size_t k = 0; k < std::min<std::size_t>(order.size(), 20); ++k)
    largest.rows.push_back({name_of_column(table, order[k]), best.beta[order[k]], share[order[k]]});
  for (Index j = 0; j < share.size(); ++j) all.rows.push_back({name_of_column(table, j), best.beta[j]});
  report.tables.push_back({"largest", "The largest coefficients of the best", largest});
  report.files.push_back({"coefficients.csv", report::to_csv(all)});
}

/// The sizes of the best run's coefficients and of those without regularisation, falling.
report::Figure figure_of(const std::vector<Fit>& fits, const Fit& best, const Scales& scales) {
  report::Plot plot{"",
                    {"column, by size", "", report::Scale::count},
                    {"|coefficient|, in root mean squares", "", report::Scale::linear},
                    {}};
  for (const Fit& fit : fits) {
    if (!fit.whole || (&fit != &best && fit.cell.mode != Regulariser::none)) continue;
    Vector sizes = scaled(fit.beta, scales).cwiseAbs();
    std::sort(sizes.begin(), sizes.end(), std::greater<>());
    report::Series series{to_string(fit.cell)};
    for (Index j = 0; j < sizes.size(); ++j) {
      series.x.push_back(static_cast<double>(j + 1));
      series.y.push_back(sizes[j]);
    }
    plot.series.push_back(std::move(series));
  }
  return {{plot}, {880, 360}, "Sizes of the coefficients"};
}

data::TrainingAndHeldOut split(const data::Dataset& table, const SparseRegressionOptions& o) {
  if (table.target.size() == 0) throw InputError(table.name + ": --model diagonal needs a target of numbers");
  if (!(o.held_out > 0 && o.held_out < 1))
    throw InputError("--valid: a share of the rows, above 0 and below 1");
  const std::size_t n = table.size(),
                    out = static_cast<std::size_t>(std::lround(o.held_out * static_cast<double>(n)));
  if (out < 2 || out + 2 > n) throw InputError("--valid: it must hold out two rows at least, and leave two");
  auto parts = data::apply_split(table, data::split_rows(n, n - out, out, o.seed));
  if (parts.training.target.minCoeff() == parts.training.target.maxCoeff())
    throw InputError(table.name + ": the target is the same in every row, there is nothing to learn");
  return parts;
}

std::vector<Fit> fit_all(const data::TrainingAndHeldOut& parts, const Scales& scales,
                         const std::vector<RegularisedCell>& cells, const SparseRegressionOptions& o) {
  const Matrix x = parts.training.features.array().rowwise() / scales.columns.transpose().array();
  const DiagonalNetwork network(x, parts.training.target / scales.target);
  const auto rows = static_cast<double>(x.rows());
  const double curvature = dominant_eigenvalue(
      [&](const Vector& v) -> Vector { return x.transpose() * (x * v) / rows; }, x.cols());
  std::vector<Fit> fits;
  for (const RegularisedCell& cell : cells) fits.push_back({cell});
  parallel_for(fits.size(), o.threads, [&](std::size_t k, std::size_t thread) {
    Fit& fit = fits[k];
    fit.run =
        train_diagonal(network, o.start, regularisation(fit.cell), 0.25 / curvature, o.steps, [&](int t) {
          if (thread == 0 && o.progress) o.progress(to_string(fit.cell) + ", step " + std::to_string(t));
        });
    fit.beta = network.coefficients(fit.run.theta).cwiseQuotient(scales.columns) * scales.target;
    fit.whole = fit.run.steps == o.steps && fit.beta.allFinite();
    if (!fit.whole) return;
    fit.training = r_squared(parts.training, fit.beta);
    fit.score = r_squared(parts.held_out, fit.beta);
  });
  return fits;
}

} // namespace

report::ToolReport sparse_regression(const data::Dataset& table, const std::vector<RegularisedCell>& cells,
                                     const SparseRegressionOptions& o) {
  const auto parts = split(table, o);
  const Scales scales = scales_of(parts.training);
  const std::vector<Fit> fits = fit_all(parts, scales, cells, o);
  report::ToolReport report{.title = "Sparse regression on " + table.name};
  report::Table runs{{{"training"},
                      {"validation R²"},
                      {"training R²"},
                      {"|β|₁, scaled"},
                      {"mean α_i"},
                      {"coefficients above 1%"}},
                     {}};
  const Fit* best = nullptr;
  for (const Fit& fit : fits) {
    if (!fit.whole) {
      report.warnings.push_back(to_string(fit.cell) + " diverged in step " + std::to_string(fit.run.steps + 1)
                                + "; halve γ");
      continue;
    }
    if (!best || fit.score > best->score) best = &fit;
    const Vector sizes = scaled(fit.beta, scales).cwiseAbs();
    runs.rows.push_back({to_string(fit.cell), report::Cell::fixed(fit.score, 3),
                         report::Cell::fixed(fit.training, 3), sizes.sum(), fit.run.alpha.mean(),
                         (sizes.array() > 0.01 * sizes.maxCoeff()).count()});
  }
  if (!best) throw std::runtime_error("every cell diverged; give a smaller --gamma");
  report.values = {{"training rows", parts.training.size()},
                   {"validation rows", parts.held_out.size()},
                   {"columns", table.features.cols()},
                   {"best", to_string(best->cell)},
                   {"validation R²", best->score}};
  report.tables.push_back({"runs", "Every cell of the grid", runs});
  report.figures.push_back({"coefficients", figure_of(fits, *best, scales)});
  add_coefficients(table, *best, scales, report);
  return report;
}

} // namespace raphson::optim::tools
