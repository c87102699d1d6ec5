#include "optim/tools/signals/fast_report.h"

#include "dsp/error.h"
#include "optim/data/npy.h"
#include "optim/engine/cosine_dictionary.h"
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

/// Error by RCG of the levels and of the baselines, by the measure that `error` is.
template <class Error>
report::NamedFigure gain_figure(const Matrix& a, const std::vector<FactorLevel>& levels, const Error& error,
                                const std::string& what) {
  Series fast{.name = "fast, level by level"}, svd{.name = "truncated SVD"}, cut{.name = "largest entries"};
  for (const FactorLevel& level : levels) {
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
                    {fast, svd, cut}};
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

} // namespace

Matrix read_matrix(const std::string& file) {
  const data::NpyArray array = data::read_npy(file);
  if (array.shape.size() != 2)
    throw InputError(file + ": " + std::to_string(array.shape.size()) + " dimensions; a matrix has 2");
  const auto rows = static_cast<Index>(array.shape[0]), columns = static_cast<Index>(array.shape[1]);
  for (Index i = 0; i < rows * columns; ++i)
    if (!std::isfinite(array.values[static_cast<std::size_t>(i)]))
      throw InputError(file + ": row " + std::to_string(i / columns + 1) + ", column "
                       + std::to_string(i % columns + 1) + " is not a finite number");
  Matrix a = Eigen::Map<const data::RowMatrix>(array.values.data(), rows, columns);
  if (!(a.squaredNorm() > 0)) throw InputError(file + ": zero throughout; there is nothing to factorise");
  return a;
}

report::ToolReport factorisation_report(const Matrix& a, const FactorPlan& plan, SplitStart start) {
  HierarchyOptions options;
  options.start = start;
  const HierarchyResult result = hierarchical_factors(a, plan, options);
  const auto error = [&](const Dictionary& d) {
    return (a - d.multiply(Matrix::Identity(a.cols(), a.cols()))).norm() / a.norm();
  };
  report::ToolReport report{.title = "A matrix as a product of " + std::to_string(result.transform.factors())
                                     + " sparse factors"};
  add_costs(report, result.transform);
  const Index storage = result.transform.nonzeros();
  report.values.insert(
      report.values.end(),
      {{"relative error", error(result.transform)},
       {"truncated SVD of as many numbers", error(DenseDictionary(truncated_to(a, storage)))},
       {"as many of its largest entries", error(DenseDictionary(thresholded_to(a, storage)))}});
  if (result.transform.complexity_gain() <= 1)
    report.warnings.push_back(
        "the factors hold no fewer numbers than the matrix: lower --residual, --rho or --sparsity");
  report.tables.push_back(level_table(result.levels));
  report.images.push_back(factor_patterns(result.transform));
  report.figures.push_back(gain_figure(a, result.levels, error, "Relative error"));
  add_factor_files(report, result.transform);
  return report;
}

report::ToolReport fast_dictionary_report(const SignalColumns& signals,
                                          const FastDictionaryOptions& options) {
  const FastDictionary learnt = learn_fast_dictionary(signals.training, options);
  const FastTransform& fast = learnt.fast.transform;
  const Matrix& scored = signals.held_out.cols() > 0 ? signals.held_out : signals.training;
  const auto error = [&](const Dictionary& d) {
    return held_out_error(d, scored, options.nonzeros, options.threads);
  };
  report::ToolReport report{.title = "A fast dictionary of " + std::to_string(fast.atoms()) + " atoms"};
  report.paragraphs.push_back(
      "factors.json holds the factors, leftmost first: the dictionary is their product, which is "
      "never to be multiplied out.");
  add_costs(report, fast);
  report.values.push_back({"signals to learn from", signals.training.cols()});
  report.values.push_back({"signals held out", signals.held_out.cols()});
  const Matrix& dense = learnt.dense.dictionary;
  const auto side = [](Index tile, double factor) {
    return std::max(tile, static_cast<Index>(std::lround(static_cast<double>(tile) * factor)));
  };
  // As many cosines as atoms, about.
  const double more = static_cast<double>(options.atoms) / static_cast<double>(scored.rows());
  const double each = signals.tile_rows > 1 ? std::sqrt(more) : more;
  const Matrix cosines = cosine_dictionary(signals.tile_rows, signals.tile_columns,
                                           signals.tile_rows > 1 ? side(signals.tile_rows, each) : 1,
                                           side(signals.tile_columns, each));
  const Index storage = fast.nonzeros();
  const auto row = [&](const char* name, const Dictionary& d, Index multiplications) {
    return std::vector<Cell>{name, error(d), multiplications};
  };
  report.tables.push_back(
      {"dictionaries",
       "Relative error of " + std::string(signals.held_out.cols() > 0 ? "held-out" : "training")
           + " signals, " + std::to_string(options.nonzeros) + " atoms each",
       {{{"dictionary"}, {"error"}, {"multiplications a product"}},
        {row("fast", fast, storage), row("K-SVD, dense", DenseDictionary(dense), dense.size()),
         row("cosines", DenseDictionary(cosines), cosines.size()),
         row("K-SVD, truncated SVD", DenseDictionary(truncated_to(dense, storage)), storage),
         row("K-SVD, largest entries", DenseDictionary(thresholded_to(dense, storage)), storage)}}});
  report.tables.push_back(level_table(learnt.fast.levels));
  report.images.push_back(factor_patterns(fast));
  add_atoms(report, fast.dense(), signals, "Atoms of the fast dictionary");
  report.figures.push_back(gain_figure(dense, learnt.fast.levels, error, "Held-out error"));
  add_factor_files(report, fast);
  return report;
}

} // namespace raphson::optim::tools
