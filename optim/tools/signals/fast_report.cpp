#include "optim/tools/signals/fast_report.h"

#include "dsp/error.h"
#include "optim/data/npy_matrix.h"
#include "optim/engine/cosine_dictionary.h"
#include "optim/report/text.h"
#include "optim/tools/signals/dictionary_plots.h"

#include <algorithm>
#include <cmath>

namespace raphson::optim::tools {
namespace {

using Eigen::Index;
using report::Cell;
using report::Series;

/// Stored numbers at which the baselines are drawn.
std::vector<Index> storages(const Matrix& a) {
  std::vector<Index> result;
  for (double gain = 1.25; gain < 20; gain *= 1.4) {
    const auto storage = static_cast<Index>(static_cast<double>(a.size()) / gain);
    if (storage >= a.rows() + a.cols()) result.push_back(storage);
  }
  return result;
}

/// Error by RCG of the levels and of the baselines, by the measure that `error` is. The last level, the
/// result, has a larger marker: the others need not have less or more to store.
template <class Error>
report::NamedFigure gain_figure(const Matrix& a, const std::vector<FactorLevel>& levels, const Error& error,
                                const std::string& what) {
  const auto marked = [](const char* name, double diameter) {
    return Series{
        .name = name,
        .style = {.mark = report::Mark::markers, .colour = report::Colour::blue, .width = diameter}};
  };
  Series before = marked("fast, earlier levels", 5), result = marked("fast, the result", 10),
         svd{.name = "truncated SVD", .style = {.colour = report::Colour::orange}},
         cut{.name = "largest entries", .style = {.colour = report::Colour::green}};
  for (const FactorLevel& level : levels) {
    Series& fast = &level == &levels.back() ? result : before;
    fast.x.push_back(level.product.complexity_gain());
    fast.y.push_back(error(level.product));
  }
  for (const Index storage : storages(a)) {
    const double gain = static_cast<double>(a.size()) / static_cast<double>(storage);
    svd.x.push_back(gain);
    svd.y.push_back(error(DenseDictionary(truncated_to(a, storage))));
    cut.x.push_back(gain);
    cut.y.push_back(error(DenseDictionary(thresholded_to(a, storage))));
  }
  report::Plot plot{"Error by what is saved",
                    {"Relative complexity gain", "", report::Scale::logarithmic},
                    {what, "", report::Scale::linear, report::Range{0, 1}},
                    {svd, cut, before, result}};
  return {"gain", {{plot}, {880, 380}, what + " by the relative complexity gain"}};
}

report::NamedTable level_table(const std::vector<FactorLevel>& levels) {
  report::Table table{{{"factors"}, {"nonzeros"}, {"RCG"}, {"error after the split"}, {"error refined"}}, {}};
  for (std::size_t l = 0; l < levels.size(); ++l)
    table.rows.push_back({l + 2, levels[l].product.nonzeros(),
                          Cell::fixed(levels[l].product.complexity_gain(), 2), levels[l].split,
                          levels[l].refined});
  return {"levels", "Level by level", table};
}

void add_costs(report::ToolReport& report, const FastTransform& fast) {
  report.values.insert(report.values.end(),
                       {{"rows", fast.rows()},
                        {"columns", fast.atoms()},
                        {"factors", fast.factors()},
                        {"nonzeros, multiplications a product", fast.nonzeros()},
                        {"relative complexity gain (RCG)", Cell::fixed(fast.complexity_gain(), 2)}});
}

std::string how_to_use(std::size_t factors) {
  std::string product = "x";
  for (std::size_t j = factors; j > 0; --j)
    product = "S" + std::to_string(j) + (j == factors ? " " + product : " (" + product + ")");
  return "factors.json holds the factors, leftmost first, as [row, column, value], counted from 0; "
         "factor-1.npy ... are the same as arrays, zeros included. To apply: y = "
         + product + ", from the right, as sparse products; multiplied out nothing is saved.";
}

void warn_of_rivals(report::ToolReport& report, double fast, double svd, double cut) {
  if (std::min(svd, cut) >= fast) return;
  const auto text = [](double value) { return report::format_significant(value, 3); };
  report.warnings.push_back(std::string(cut < svd ? "as many of the largest entries do better ("
                                                  : "a truncated SVD of as many numbers does better (")
                            + text(std::min(svd, cut)) + " against " + text(fast)
                            + "): factors of these sizes do not suit it; a higher --residual, "
                              "--sparsity or --column-sparsity may help");
}

/// As many cosines as atoms, about.
Matrix cosines_like(const SignalColumns& signals, Index atoms) {
  const double more = static_cast<double>(atoms) / static_cast<double>(signals.training.rows());
  const double each = signals.tile_rows > 1 ? std::sqrt(more) : more;
  const auto side = [each](Index tile) {
    return std::max(tile, static_cast<Index>(std::lround(static_cast<double>(tile) * each)));
  };
  return cosine_dictionary(signals.tile_rows, signals.tile_columns,
                           signals.tile_rows > 1 ? side(signals.tile_rows) : 1, side(signals.tile_columns));
}

} // namespace

Matrix read_matrix(const std::string& file) {
  const data::RowMatrix a = data::read_npy_matrix(file, "rows x columns");
  if (a.isZero(0)) throw InputError(file + ": zero throughout; there is nothing to factorise");
  return a;
}

report::ToolReport factorisation_report(const Matrix& given, const FactorPlan& plan, SplitStart start,
                                        const std::function<void(const std::string&)>& progress) {
  HierarchyOptions options;
  options.start = start;
  options.after_level = [&](const FastTransform&, int level) {
    if (progress)
      progress("factor " + std::to_string(level) + " of " + std::to_string(plan.sparse.size() + 1));
  };
  const double unit = given.cwiseAbs().maxCoeff();
  const Matrix a = given / unit; // so that squares are finite; the leftmost factor has it again
  const HierarchyResult result = hierarchical_factors(a, plan, options);
  const auto error = [&](const Dictionary& d) {
    return (a - d.multiply(Matrix::Identity(a.cols(), a.cols()))).norm() / a.norm();
  };
  report::ToolReport report{.title = "A matrix as a product of " + std::to_string(result.transform.factors())
                                     + " sparse factors"};
  report.paragraphs.push_back(how_to_use(result.transform.factors()));
  add_costs(report, result.transform);
  const Index storage = result.transform.nonzeros();
  const double fast = error(result.transform), svd = error(DenseDictionary(truncated_to(a, storage))),
               cut = error(DenseDictionary(thresholded_to(a, storage)));
  report.values.insert(report.values.end(), {{"relative error", fast},
                                             {"truncated SVD of as many numbers", svd},
                                             {"as many of its largest entries", cut}});
  if (result.transform.complexity_gain() <= 1)
    report.warnings.push_back(
        "the factors hold no fewer numbers than the matrix: lower --residual, --rho or --sparsity");
  warn_of_rivals(report, fast, svd, cut);
  report.tables.push_back(level_table(result.levels));
  report.images.push_back(factor_patterns(result.transform));
  report.figures.push_back(gain_figure(a, result.levels, error, "Relative error"));
  add_factor_files(report, result.transform.scaled(unit));
  return report;
}

report::ToolReport fast_dictionary_report(const SignalColumns& signals, const FastDictionary& learnt,
                                          const FastDictionaryOptions& options) {
  const FastTransform& fast = learnt.fast.transform;
  const Matrix& dense = learnt.dense.dictionary;
  const bool apart = signals.held_out.cols() > 0;
  const Matrix& scored = apart ? signals.held_out : signals.training;
  const auto error_on = [&](const Dictionary& d, const Matrix& y) {
    return held_out_error(d, y, options.nonzeros, options.threads);
  };
  const auto error = [&](const Dictionary& d) { return error_on(d, scored); };
  report::ToolReport report{.title = "A fast dictionary of " + std::to_string(fast.atoms()) + " atoms"};
  report.paragraphs.push_back(how_to_use(fast.factors()));
  add_costs(report, fast);
  report.values.push_back({"signals to learn from", signals.training.cols()});
  report.values.push_back({"signals held out", signals.held_out.cols()});
  const Index storage = fast.nonzeros();
  const DenseDictionary truncated(truncated_to(dense, storage)), cut(thresholded_to(dense, storage)),
      cosines(cosines_like(signals, options.atoms));
  report::Table table{{{"dictionary"}, {"error"}, {"training error"}, {"multiplications a product"}}, {}};
  const auto row = [&](const char* name, const Dictionary& d, Index multiplications) {
    table.rows.push_back({name, error(d), error_on(d, signals.training), multiplications});
  };
  row("fast", fast, storage);
  row("K-SVD, dense", DenseDictionary(dense), dense.size());
  row("cosines", cosines, cosines.matrix().size());
  row("K-SVD, truncated SVD", truncated, storage);
  row("K-SVD, largest entries", cut, storage);
  warn_of_rivals(report, *table.rows[0][1].number, *table.rows[3][1].number, *table.rows[4][1].number);
  report.tables.push_back({"dictionaries",
                           "Relative error of " + std::string(apart ? "held-out" : "training") + " signals, "
                               + std::to_string(options.nonzeros) + " atoms each",
                           std::move(table)});
  report.tables.push_back(level_table(learnt.fast.levels));
  report.images.push_back(factor_patterns(fast));
  add_atoms(report, fast.dense(), signals, "Atoms of the fast dictionary");
  report.figures.push_back(
      gain_figure(dense, learnt.fast.levels, error, apart ? "Held-out error" : "Training error"));
  add_factor_files(report, fast);
  return report;
}

} // namespace raphson::optim::tools
