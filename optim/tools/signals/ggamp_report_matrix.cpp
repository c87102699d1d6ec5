#include "dsp/error.h"
#include "optim/data/complex_npy.h"
#include "optim/tools/signals/ggamp_plots.h"
#include "optim/tools/signals/ggamp_report_parts.h"

#include <algorithm>
#include <cmath>

namespace raphson::optim::tools {
namespace {

using Array = data::ComplexNpyArray;
using report::Cell;
using report::ToolReport;

Array read(const std::filesystem::path& path) {
  Array array = data::read_complex_npy(path);
  if (array.shape.size() > 2)
    throw InputError(path.string() + " has " + std::to_string(array.shape.size())
                     + " dimensions, a matrix or a vector is needed");
  array.shape.resize(2, 1); // a vector is one column
  for (std::size_t i = 0; i < array.values.size(); ++i)
    if (!std::isfinite(array.values[i].real()) || !std::isfinite(array.values[i].imag()))
      throw InputError(path.string() + ": row " + std::to_string(i / array.shape[1]) + ", column "
                       + std::to_string(i % array.shape[1]) + " (from 0) is not a finite number");
  return array;
}

/// Real and imaginary parts below each other; of a system also side by side.
Matrix stacked(const Array& array, bool complex, bool system) {
  const auto rows = static_cast<Eigen::Index>(array.shape[0]),
             columns = static_cast<Eigen::Index>(array.shape[1]);
  Matrix out = Matrix::Zero(complex ? 2 * rows : rows, complex && system ? 2 * columns : columns);
  for (Eigen::Index i = 0; i < rows; ++i)
    for (Eigen::Index j = 0; j < columns; ++j) {
      const auto value = array.values[static_cast<std::size_t>(i * columns + j)];
      out(i, j) = value.real();
      if (!complex) continue;
      out(rows + i, j) = value.imag();
      if (!system) continue;
      out(i, columns + j) = -value.imag();
      out(rows + i, columns + j) = value.real();
    }
  return out;
}

/// Rows N ... 2N - 1 are the imaginary parts.
report::ResultFile complex_file(const std::string& name, const Matrix& stack) {
  const Eigen::Index rows = stack.rows() / 2;
  std::vector<std::complex<double>> values;
  for (Eigen::Index n = 0; n < rows; ++n)
    for (Eigen::Index t = 0; t < stack.cols(); ++t) values.emplace_back(stack(n, t), stack(rows + n, t));
  std::vector<std::size_t> shape{static_cast<std::size_t>(rows)};
  if (stack.cols() > 1) shape.push_back(static_cast<std::size_t>(stack.cols()));
  return {name, data::complex_npy_bytes(shape, values)};
}

report::NamedTable support_table(const GgampSblResult& r, bool complex) {
  report::Table table{{{"index"}, {"column"}, {"value"}, {"standard deviation"}}, {}};
  if (complex) table.columns.push_back({"part"});
  const Eigen::Index rows = complex ? r.x.rows() / 2 : r.x.rows();
  for (Eigen::Index n = 0; n < r.x.rows(); ++n)
    for (Eigen::Index t = 0; t < r.x.cols(); ++t) {
      if (!r.in_support(n, t)) continue;
      table.rows.push_back({n % rows, t, Cell::significant(r.x(n, t), 6), std::sqrt(r.tau_x(n, t))});
      if (complex) table.rows.back().push_back(n < rows ? "real" : "imaginary");
    }
  return {"support", "Support: coefficients beyond three standard deviations, counted from 0", table};
}

report::NamedFigure residual_figure(const Matrix& y, const Matrix& modelled) {
  report::Series measured{.name = "y"}, left{.name = "y - A x"};
  for (Eigen::Index m = 0; m < y.rows(); ++m) {
    measured.x.push_back(static_cast<double>(m));
    measured.y.push_back(y(m, 0));
    left.x.push_back(static_cast<double>(m));
    left.y.push_back(y(m, 0) - modelled(m, 0));
  }
  return {"residual",
          {{{"Residual", {"Measurement", ""}, {"", ""}, {measured, left}}}, {880, 320}, "What is left of y"}};
}

} // namespace

ToolReport matrix_report(const std::filesystem::path& a_path, const std::filesystem::path& y_path,
                         RecoveryOptions options) {
  const Array a_array = read(a_path), y_array = read(y_path);
  if (a_array.shape[0] != y_array.shape[0])
    throw InputError(a_path.string() + " has " + std::to_string(a_array.shape[0]) + " rows and "
                     + y_path.string() + " " + std::to_string(y_array.shape[0])
                     + ", there must be as many of each");
  const bool complex = a_array.complex || y_array.complex;
  const Matrix a = stacked(a_array, complex, true), y = stacked(y_array, complex, false);
  const DenseOperator op(a);
  ToolReport report{.title = "Sparse coefficients of " + y_path.filename().string()};
  const GgampSblResult r = recover(op, y, std::move(options), report);
  add_figures(report, r, op, y);
  report.tables.push_back(support_table(r, complex));
  const std::string title = y.cols() > 1 ? "Coefficients, first column" : "Coefficients";
  report.figures.insert(
      report.figures.begin(),
      {"stems", {{stem_plot(title, {"Index", ""}, stems_of(r, 0, 1, 30))}, {880, 340}, title}});
  report.figures.push_back(residual_figure(y, op.apply(r.x)));
  const Matrix sd = r.tau_x.cwiseSqrt();
  report.files.push_back(complex ? complex_file("x.npy", r.x) : npy_file("x.npy", r.x));
  report.files.push_back(complex ? complex_file("sd.npy", sd) : npy_file("sd.npy", sd));
  return report;
}

} // namespace raphson::optim::tools
