#include "optim/data/npy.h"
#include "optim/tools/signals/ggamp_plots.h"
#include "optim/tools/signals/ggamp_report_parts.h"

#include <algorithm>
#include <cmath>

namespace raphson::optim::tools {

using report::Cell;
using report::ToolReport;

GgampSblResult recover(const LinearOperator& a, const Matrix& y, RecoveryOptions o, ToolReport& report) {
  if (y.cols() == 1 && (o.find_beta || o.sbl.beta > 0)) {
    report.warnings.push_back("--beta says how columns follow each other: y has one, it is ignored");
    o.find_beta = false;
    o.sbl.beta = 0;
  }
  return o.find_beta ? ggamp_sbl_auto(a, y, o.sbl) : ggamp_sbl(a, y, o.sbl);
}

namespace {

void warn(ToolReport& report, const GgampSblResult& r) {
  if (!r.x.allFinite())
    report.warnings.push_back(
        "the sweeps diverged with every damping tried: nothing of this is to be trusted");
  else if (!r.converged)
    report.warnings.push_back("EM has not converged after " + std::to_string(r.steps) + " steps");
  if (r.restarts > 0)
    report.warnings.push_back("started over " + std::to_string(r.restarts)
                              + " times with theta halved: the sweeps diverged");
  for (std::size_t i = 0; i < std::min<std::size_t>(r.zero_columns.size(), 8); ++i)
    report.warnings.push_back("column " + std::to_string(r.zero_columns[i])
                              + " (from 0) of A is zero: left out, its coefficient reported as 0");
  if (r.zero_columns.size() > 8)
    report.warnings.push_back("so are " + std::to_string(r.zero_columns.size() - 8) + " more columns");
}

Cell damping_cell(const Damping& d) {
  std::string text = std::to_string(d.theta).substr(0, 5) + ": the largest eigenvalue of A^T A is "
                     + std::to_string(d.peak_to_average).substr(0, 6) + " of their sum";
  if (d.coupling > 1) text += ", the columns' coupling " + std::to_string(d.coupling).substr(0, 4);
  return text;
}

} // namespace

void add_figures(ToolReport& report, const GgampSblResult& r, const LinearOperator& a, const Matrix& y) {
  warn(report, r);
  Eigen::Index support = 0;
  for (Eigen::Index t = 0; t < r.x.cols(); ++t)
    for (Eigen::Index n = 0; n < r.x.rows(); ++n) support += r.in_support(n, t) ? 1 : 0;
  const double residual = (y - a.apply(r.x)).squaredNorm() / y.squaredNorm();
  report.values = {{"coefficients", a.cols()},
                   {"measurements", a.rows()},
                   {"columns", y.cols()},
                   {"coefficients in the support", support},
                   {"noise, standard deviation", std::sqrt(r.noise)},
                   {"residual / y (dB)", Cell::fixed(10 * std::log10(residual), 1)},
                   {"beta", r.beta},
                   {"damping theta", damping_cell(r.damping)},
                   {"EM steps", r.steps},
                   {"sweeps", r.sweeps},
                   {"multiplications", r.multiplications}};
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
