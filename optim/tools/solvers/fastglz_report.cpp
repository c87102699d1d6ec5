#include "optim/tools/solvers/fastglz_report.h"

#include "optim/data/png_image.h"
#include "optim/report/text.h"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace raphson::optim::tools {
namespace {

using Eigen::Index;
using report::Cell;
using report::format_significant;

std::vector<Index> by_frequency(const Vector& frequency) {
  std::vector<Index> order(static_cast<std::size_t>(frequency.size()));
  std::iota(order.begin(), order.end(), Index{0});
  std::stable_sort(order.begin(), order.end(), [&](Index a, Index b) { return frequency[a] > frequency[b]; });
  return order;
}

report::Table coefficient_table(const BootstrapSummary& boot, const SparseColumns& columns,
                                const std::vector<Index>& order, std::size_t rows) {
  report::Table table{{{"column"}, {"selected"}, {"mean"}, {"2.5%"}, {"97.5%"}}, {}};
  for (std::size_t k = 0; k < std::min(rows, order.size()); ++k) {
    const Index j = order[k];
    const double unit = columns.deviation[j];
    table.rows.push_back({columns.names[static_cast<std::size_t>(j)], boot.frequency[j], boot.mean[j] / unit,
                          boot.low[j] / unit, boot.high[j] / unit});
  }
  return table;
}

std::string frequency_image(const BootstrapSummary& boot, const SparseColumns& columns) {
  data::RowMatrix image = data::RowMatrix::Zero(columns.image_rows, columns.image_columns);
  for (std::size_t j = 0; j < columns.kept.size(); ++j)
    image(columns.kept[j] / columns.image_columns, columns.kept[j] % columns.image_columns) =
        boot.frequency[static_cast<Index>(j)];
  const int scale = std::clamp(280 / std::max(columns.image_rows, columns.image_columns), 1, 16);
  return data::png_bytes(data::grey_image(image, scale));
}

const char* score_name(GlmFamily family) {
  return family == GlmFamily::logistic ? "accuracy" : "minus deviance";
}

/// Deviance over l1, a line for each l2.
report::Plot path_plot(const CrossValidation& cv) {
  report::Plot plot{"",
                    {"l1 / largest l1", "", report::Scale::logarithmic},
                    {"deviance of unseen rows", "", report::Scale::linear},
                    {}};
  std::vector<double> l2;
  for (const PenaltyFractions& p : cv.grid)
    if (std::find(l2.begin(), l2.end(), p.l2) == l2.end()) l2.push_back(p.l2);
  for (const double fixed : l2) {
    report::Series line{"l2 " + format_significant(fixed, 3), {}, {}}, band{"", {}, {}};
    band.style.mark = report::Mark::band;
    std::vector<std::size_t> order;
    for (std::size_t g = 0; g < cv.grid.size(); ++g)
      if (cv.grid[g].l2 == fixed) order.push_back(g);
    std::sort(order.begin(), order.end(),
              [&](std::size_t a, std::size_t b) { return cv.grid[a].l1 < cv.grid[b].l1; });
    for (const std::size_t g : order) {
      const auto i = static_cast<Index>(g);
      line.x.push_back(cv.grid[g].l1);
      line.y.push_back(cv.deviance[i]);
      band.y.push_back(cv.deviance[i] + cv.deviance_error[i]);
      band.y_low.push_back(cv.deviance[i] - cv.deviance_error[i]);
    }
    band.x = line.x;
    if (l2.size() == 1) plot.series.push_back(band);
    plot.series.push_back(line);
  }
  return plot;
}

std::string point_text(const PenaltyFractions& p) {
  return "l1 " + format_significant(p.l1, 3) + ", l2 " + format_significant(p.l2, 3);
}

} // namespace

report::ToolReport report_of(const BootstrapSummary& boot, const SparseColumns& columns) {
  report::ToolReport report;
  const std::vector<Index> order = by_frequency(boot.frequency);
  report.tables.push_back({"selection",
                           "The columns that are selected most; coefficients by the columns' own units",
                           coefficient_table(boot, columns, order, 20)});
  report.files.push_back({"coefficients.csv", to_csv(coefficient_table(boot, columns, order, order.size()))});
  const auto stable = (boot.frequency.array() >= 0.9).count();
  report.values.emplace_back("resamples", static_cast<long>(boot.problems.count()));
  report.values.emplace_back("columns", static_cast<long>(boot.frequency.size()));
  report.values.emplace_back("columns selected in 90% of the resamples", static_cast<long>(stable));
  report::Series line{"", {}, {}};
  for (std::size_t k = 0; k < order.size() && boot.frequency[order[k]] > 0; ++k) {
    line.x.push_back(static_cast<double>(k + 1));
    line.y.push_back(boot.frequency[order[k]]);
  }
  report.figures.push_back({"frequencies",
                            {{{"",
                               {"column, by frequency", "", report::Scale::logarithmic},
                               {"selected in a share of", "", report::Scale::linear, report::Range{0, 1}},
                               {line}}},
                             {880, 320},
                             "How often each column is selected"}});
  if (columns.image_rows > 0)
    report.images.push_back({"frequencies-image", frequency_image(boot, columns),
                             "Selection frequencies, column by column: black never, white always"});
  if (boot.redrawn > 0)
    report.warnings.push_back(std::to_string(boot.redrawn)
                              + " resamples held one class alone and were drawn again");
  return report;
}

report::ToolReport report_of(const CrossValidation& cv, GlmFamily family) {
  report::ToolReport report;
  const auto nonzeros = [&](Index g) {
    const Index folds = cv.fits.coefficients.cols() / static_cast<Index>(cv.grid.size());
    return static_cast<double>((cv.fits.coefficients.middleCols(g * folds, folds).array() != 0).count())
           / static_cast<double>(folds);
  };
  report::Table table{{{"l1"}, {"l2"}, {"deviance"}, {"standard error"}, {"columns used"}}, {}};
  if (family == GlmFamily::logistic) table.columns.push_back({"accuracy"});
  table.columns.push_back({"choice", report::Align::left});
  for (Index g = 0; g < static_cast<Index>(cv.grid.size()); ++g) {
    const PenaltyFractions& p = cv.grid[static_cast<std::size_t>(g)];
    table.rows.push_back({p.l1, p.l2, cv.deviance[g], cv.deviance_error[g], nonzeros(g)});
    if (family == GlmFamily::logistic) table.rows.back().push_back(cv.accuracy[g]);
    table.rows.back().push_back(g == cv.best                 ? "best"
                                : g == cv.one_standard_error ? "within one standard error"
                                                             : "");
  }
  report.tables.push_back({"grid", "Unseen rows; penalties as fractions of the largest l1", table});
  const auto choice = [&](const char* what, int g) {
    report.values.emplace_back(what, point_text(cv.grid[static_cast<std::size_t>(g)]));
  };
  choice("best", cv.best);
  choice("heaviest within one standard error", cv.one_standard_error);
  if (cv.grid.size() > 2)
    report.figures.push_back(
        {"path", {{path_plot(cv)}, {880, 340}, "Deviance of unseen rows over the penalty"}});
  if (cv.redrawn > 0)
    report.warnings.push_back(std::to_string(cv.redrawn)
                              + " sets of folds had a fold of one class and were "
                                "drawn again");
  return report;
}

report::Plot permutation_plot(const PermutationTest& test, const std::string& score) {
  const auto [least, most] = std::minmax_element(test.permuted_scores.begin(), test.permuted_scores.end());
  const double low = std::min(*least, test.true_score), high = std::max(*most, test.true_score);
  constexpr int bins = 40;
  const double width = std::max((high - low) / bins, 1e-9);
  std::vector<double> counts(bins + 1, 0);
  for (const double s : test.permuted_scores)
    counts[static_cast<std::size_t>(std::min((s - low) / width + 1e-9, bins + 0.0))] += 1;
  report::Series steps{"permuted labels", {}, {}};
  for (int k = 0; k <= bins; ++k)
    for (const int edge : {k, k + 1}) {
      steps.x.push_back(low + edge * width);
      steps.y.push_back(counts[static_cast<std::size_t>(k)]);
    }
  const double top = *std::max_element(counts.begin(), counts.end());
  return {"",
          {score + " of cross-validation", "", report::Scale::linear},
          {"permutations", "", report::Scale::count},
          {steps,
           {"true labels",
            {test.true_score, test.true_score},
            {0, top},
            {.colour = report::Colour::orange, .width = 2.5}}}};
}

report::ToolReport report_of(const PermutationTest& test, GlmFamily family,
                             const std::vector<PenaltyFractions>& grid) {
  report::ToolReport report;
  const auto& scores = test.permuted_scores;
  const std::string score = score_name(family);
  const double mean = std::accumulate(scores.begin(), scores.end(), 0.0) / static_cast<double>(scores.size());
  report::Table table{{{"labels"}, {score}}, {}};
  table.rows.push_back({"true", test.true_score});
  table.rows.push_back({"permuted, mean", mean});
  table.rows.push_back({"permuted, largest", *std::max_element(scores.begin(), scores.end())});
  report.tables.push_back({"scores", "Cross-validation with the true labels and with permuted ones", table});
  report.values.emplace_back("p", test.p_value);
  report.values.emplace_back("permutations", scores.size());
  if (grid.size() > 1) {
    report.values.emplace_back("penalty of the true labels",
                               point_text(grid[static_cast<std::size_t>(test.best)]));
    report.paragraphs.push_back("Each labelling takes the best of " + std::to_string(grid.size())
                                + " penalties on the folds that score it: the " + score
                                + " is optimistic, the p-value is not, since permuted labels choose alike.");
  }
  report.figures.push_back({"permutations",
                            {{permutation_plot(test, score)},
                             {880, 320},
                             "The true labels' score among those of permuted labels"}});
  report::Table all{{{"permutation"}, {score}}, {}};
  for (std::size_t k = 0; k < scores.size(); ++k) all.rows.push_back({k + 1, scores[k]});
  report.files.push_back({"permutations.csv", to_csv(all)});
  if (test.redrawn > 0)
    report.warnings.push_back(std::to_string(test.redrawn)
                              + " folds or permutations left one class alone and were drawn again");
  return report;
}

void add_work(const FastglzResult& fits, const GlmProblems& problems, double seconds, const LoopCost* loop,
              report::ToolReport& report) {
  const auto failed = std::count(fits.converged.begin(), fits.converged.end(), false);
  if (failed > 0)
    report.warnings.push_back(std::to_string(failed) + " of " + std::to_string(fits.converged.size())
                              + " problems did not converge: a larger --l2 helps");
  double residual = 0;
  for (Index k = 0; k < problems.count(); ++k)
    residual = std::max(residual, fits.kkt[k] / (problems.l1[k] > 0 ? problems.l1[k] : 1.0));
  report.values.emplace_back("problems", static_cast<long>(problems.count()));
  report.values.emplace_back("largest KKT residual / l1", residual);
  report::Table table{{{""}, {"products with X"}, {"Gram matrices"}, {"Choleskys"}, {"iterations"}}, {}};
  const auto add = [&](const char* name, const FastglzWork& w, double time) {
    table.rows.push_back({name, w.products, w.gram_matrices, w.choleskys, w.iterations});
    if (loop) table.rows.back().push_back(Cell::fixed(time, 2));
  };
  if (loop) table.columns.push_back({"time (s)"});
  add("together", fits.work, seconds);
  FastglzWork alone = fits.work; // each problem's own: the columns of every product that it was in
  alone.products = fits.work.columns;
  alone.gram_matrices = problems.count();
  add("one by one", loop ? loop->work : alone, loop ? loop->seconds : 0);
  report.tables.push_back({"work",
                           loop ? "Work and time, together and one by one"
                                : "Work, and what one problem after the other would take",
                           table});
}

} // namespace raphson::optim::tools
