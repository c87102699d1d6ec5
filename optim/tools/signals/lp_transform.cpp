#include "optim/tools/signals/lp_transform.h"

#include "optim/data/npy_matrix.h"
#include "optim/engine/cosine_dictionary.h"
#include "optim/tools/signals/best_terms.h"
#include "optim/tools/signals/dictionary_plots.h"
#include "optim/tools/signals/lp_report.h"

#include <algorithm>

namespace raphson::optim::tools {
namespace {

using Eigen::Index;

void add_terms(report::ToolReport& report, const SignalColumns& signals, const LpDictionary& learnt,
               const LpOptions& options) {
  const Matrix held_out = signals.held_out.colwise() - learnt.mean; // zero unless centred
  if (held_out.cols() == 0 || held_out.isZero(0)) return;
  const Index n = held_out.rows(), most = std::max<Index>(1, std::min(n / 2, learnt.dictionary.cols()));
  const Matrix cosines =
      cosine_dictionary(signals.tile_rows, signals.tile_columns, signals.tile_rows, signals.tile_columns);
  // Of atoms that are not orthonormal the largest coefficients are not the best.
  const auto learnt_errors = options.orthogonal
                                 ? orthonormal_term_errors(learnt.dictionary, held_out, most)
                                 : pursuit_term_errors(learnt.dictionary, held_out, most, options.threads);
  const auto cosine_errors = orthonormal_term_errors(cosines, held_out, most);
  const auto principal_errors =
      orthonormal_term_errors(principal_basis(signals.training.colwise() - learnt.mean), held_out, most);
  report::Table table{{{"atoms a signal"}, {"learnt"}, {"cosines (DCT)"}, {"principal axes"}}, {}};
  for (std::size_t k = 0; k < learnt_errors.size(); ++k)
    table.rows.push_back({k + 1, learnt_errors[k], cosine_errors[k], principal_errors[k]});
  report.tables.push_back({"terms",
                           std::string("Relative error of held-out signals")
                               + (options.centre ? ", less the mean," : "") + " by their best atoms",
                           table});
  report.figures.push_back(term_figure(
      {{"learnt", learnt_errors}, {"cosines (DCT)", cosine_errors}, {"principal axes", principal_errors}},
      "Held-out signals from their best atoms"));
}

std::string shown_atoms(Index count, const SignalColumns& signals) {
  const bool all = signals.tile_rows > 1 || count <= lines_shown;
  return (all ? "Atoms"
              : "The first " + std::to_string(lines_shown) + " of " + std::to_string(count) + " atoms")
         + ", those of most energy first";
}

} // namespace

report::ToolReport transform_report(const SignalColumns& signals, const LpOptions& options) {
  const ColumnSource y = columns_of(signals.training);
  const LpDictionary learnt = learn_lp_dictionary(y, options);
  report::ToolReport report{.title = "A transform of " + std::to_string(learnt.dictionary.cols()) + " atoms"};
  const std::string less = options.centre ? " less mean.npy" : "";
  report.paragraphs.push_back(
      options.orthogonal
          ? "The atoms are orthonormal: coefficients are their products with a signal" + less + "."
          : "Coefficients are analysis.npy times a signal" + less + "; dictionary.npy times them"
                + (options.centre ? ", and the mean added," : "") + " is the signal again.");
  add_climb(report, learnt, y, options);
  report.values.push_back({"held-out signals", signals.held_out.cols()});
  add_terms(report, signals, learnt, options);
  add_atoms(report, learnt.dictionary, signals, shown_atoms(learnt.dictionary.cols(), signals));
  report.files = {{"dictionary.npy", data::npy_bytes(data::RowMatrix(learnt.dictionary))},
                  {"analysis.npy", data::npy_bytes(data::RowMatrix(learnt.analysis))}};
  if (options.centre) report.files.push_back({"mean.npy", data::npy_bytes(data::RowMatrix(learnt.mean))});
  return report;
}

} // namespace raphson::optim::tools
