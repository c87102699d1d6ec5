#include "optim/data/npy.h"
#include "optim/report/text.h"
#include "optim/tools/signals/ggamp_plots.h"
#include "optim/tools/signals/ggamp_report_parts.h"

#include <algorithm>
#include <cmath>
#include <stdexcept>

namespace raphson::optim::tools {

using report::Cell;
using report::ToolReport;

GgampSblResult recover(const LinearOperator& a, const Matrix& y, RecoveryOptions o, ToolReport& report) {
  if (y.cols() == 1 && (o.find_beta || o.sbl.beta > 0)) {
    report.warnings.push_back("--beta says how columns follow each other: y has one, it is ignored");
    o.find_beta = false;
    o.sbl.beta = 0;
  }
  GgampSblResult result = o.find_beta ? ggamp_sbl_auto(a, y, o.sbl) : ggamp_sbl(a, y, o.sbl);
  if (result.diverged)
    throw std::runtime_error(
        "the sweeps diverged with every damping tried: nothing was recovered or written");
  if (o.find_beta && result.beta >= largest_found_beta)
    report.warnings.push_back("beta was found to be at least "
                              + report::format_significant(largest_found_beta, 2)
                              + " and held there: compare with --beta 0 and --beta 0.9");
  return result;
}

namespace {

void warn(ToolReport& report, const GgampSblResult& r) {
  if (!r.converged)
    report.warnings.push_back("EM has not converged after " + std::to_string(r.steps) + " steps");
  if (r.restarts > 0)
    report.warnings.push_back("started over " + std::to_string(r.restarts)
                              + " times with theta halved: the sweeps diverged");
}

} // namespace

void add_figures(ToolReport& report, const GgampSblResult& r, const LinearOperator& a, const Matrix& y) {
  warn(report, r);
  Eigen::Index support = 0, most = 0; // of all columns, of one
  for (Eigen::Index t = 0; t < r.x.cols(); ++t) {
    Eigen::Index of_column = 0;
    for (Eigen::Index n = 0; n < r.x.rows(); ++n) of_column += r.in_support(n, t) ? 1 : 0;
    support += of_column;
    most = std::max(most, of_column);
  }
  if (most >= a.rows())
    report.warnings.push_back("a column has " + std::to_string(most) + " coefficients in the support and "
                              + std::to_string(a.rows()) + " measurements: that is no sparse recovery");
  const double residual = (y - a.apply(r.x)).squaredNorm() / y.squaredNorm();
  report.values = {{"coefficients", a.cols()},
                   {"measurements", a.rows()},
                   {"columns", y.cols()},
                   {"coefficients in the support", support},
                   {"noise, standard deviation", std::sqrt(r.noise)},
                   {"residual / y (dB)", Cell::fixed(10 * std::log10(residual), 1)},
                   {"beta", r.beta},
                   {"damping theta", Cell::fixed(r.damping.theta, 3)},
                   {"for the largest eigenvalue of A^T A over their sum", r.damping.peak_to_average}};
  if (r.damping.coupling > 1) report.values.push_back({"and the columns' coupling", r.damping.coupling});
  report.values.push_back({"EM steps", r.steps});
  report.values.push_back({"sweeps", r.sweeps});
  report.figures.push_back(convergence_figure(r));
}

report::ResultFile npy_file(const std::string& name, const Matrix& columns) {
  std::vector<std::size_t> shape{static_cast<std::size_t>(columns.rows())};
  if (columns.cols() > 1) shape.push_back(static_cast<std::size_t>(columns.cols()));
  const Matrix by_rows = columns.transpose(); // C order
  return {name, data::npy_bytes(shape, std::span<const double>(by_rows.data(),
                                                               static_cast<std::size_t>(by_rows.size())))};
}

} // namespace raphson::optim::tools
