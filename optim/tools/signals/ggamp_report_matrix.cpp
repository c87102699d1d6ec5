#include "dsp/error.h"
#include "optim/data/complex_npy.h"
#include "optim/data/png_image.h"
#include "optim/report/text.h"
#include "optim/tools/signals/ggamp_plots.h"
#include "optim/tools/signals/ggamp_report_parts.h"

#include <algorithm>
#include <cmath>

namespace raphson::optim::tools {
namespace {

using Array = data::ComplexNpyArray;
using report::Cell;
using report::ToolReport;

// What is squared must neither overflow nor vanish.
void check_size(const std::filesystem::path& path, const Array& array) {
  double largest = 0;
  for (const auto& value : array.values)
    largest = std::max({largest, std::abs(value.real()), std::abs(value.imag())});
  if (largest == 0) throw InputError(path.string() + " is zero everywhere: there is nothing to recover");
  if (largest < 1e-100 || largest > 1e100)
    throw InputError(path.string() + ": its largest entry is " + report::format_significant(largest, 3)
                     + ", from 1e-100 to 1e100 is needed: divide it by that");
}

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
  check_size(path, array);
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

/// Rows of a stack that are drawn as a plot of their own, and what they are.
struct Part {
  std::string name;
  RowRange rows;
};

std::vector<Part> parts_of(const std::string& name, Eigen::Index rows, bool complex) {
  if (!complex) return {{name, {0, rows}}};
  return {{name + ", real part", {0, rows / 2}}, {name + ", imaginary part", {rows / 2, rows / 2}}};
}

report::NamedFigure stems_figure(const GgampSblResult& r, bool complex) {
  const std::string caption = r.x.cols() > 1 ? "Coefficients of the first column" : "Coefficients";
  std::vector<report::Plot> plots;
  for (const Part& part : parts_of(caption, r.x.rows(), complex)) {
    const auto stems = stems_of(r, 0, part.rows, 1, 30);
    plots.push_back(stem_plot(part.name, {"Index, from 0", ""}, stems, range_of(stems)));
  }
  const int height = 100 + 240 * static_cast<int>(plots.size());
  return {"stems", {std::move(plots), {880, height}, caption}};
}

report::NamedFigure residual_figure(const Matrix& y, const Matrix& modelled, bool complex) {
  const std::string caption = y.cols() > 1 ? "Residual of the first column" : "Residual";
  std::vector<report::Plot> plots;
  for (const Part& part : parts_of(caption, y.rows(), complex)) {
    report::Series measured{.name = "y"}, left{.name = "y - A x"};
    for (Eigen::Index k = 0; k < part.rows.count; ++k) {
      const Eigen::Index m = part.rows.first + k;
      measured.x.push_back(static_cast<double>(k));
      measured.y.push_back(y(m, 0));
      left.x.push_back(static_cast<double>(k));
      left.y.push_back(y(m, 0) - modelled(m, 0));
    }
    plots.push_back({part.name, {"Measurement, from 0", ""}, {"", ""}, {measured, left}});
  }
  const int height = 80 + 240 * static_cast<int>(plots.size());
  return {"residual", {std::move(plots), {880, height}, "What is left of y"}};
}

/// |x| of the rows with support in any column, a pixel a coefficient; none where there is no such row.
void add_heat_map(const GgampSblResult& r, bool complex, ToolReport& report) {
  constexpr std::size_t most_rows = 200;
  const Eigen::Index rows = complex ? r.x.rows() / 2 : r.x.rows(), columns = r.x.cols();
  const auto in_support = [&](Eigen::Index n) {
    for (Eigen::Index t = 0; t < columns; ++t)
      if (r.in_support(n, t) || (complex && r.in_support(rows + n, t))) return true;
    return false;
  };
  std::vector<Eigen::Index> shown;
  for (Eigen::Index n = 0; n < rows && shown.size() < most_rows; ++n)
    if (in_support(n)) shown.push_back(n);
  if (shown.empty()) return;
  data::RowMatrix size(std::ssize(shown), columns);
  for (Eigen::Index i = 0; i < size.rows(); ++i)
    for (Eigen::Index t = 0; t < columns; ++t) {
      const Eigen::Index n = shown[static_cast<std::size_t>(i)];
      size(i, t) = std::hypot(r.x(n, t), complex ? r.x(rows + n, t) : 0);
    }
  std::string indices;
  for (std::size_t i = 0; i < std::min<std::size_t>(shown.size(), 12); ++i)
    indices += (i ? ", " : "") + std::to_string(shown[i]);
  if (shown.size() > 12) indices += ", ... to " + std::to_string(shown.back());
  const auto longest = static_cast<int>(std::max(size.rows(), size.cols()));
  report.images.push_back(
      {"heat-map",
       data::png_bytes(data::grey_image(size / size.maxCoeff(), std::clamp(400 / longest, 1, 24))),
       "|x|, the largest white: a column for each of Y's, from the top the rows " + indices});
}

} // namespace

ToolReport matrix_report(const std::filesystem::path& a_path, const std::filesystem::path& y_path,
                         RecoveryOptions options) {
  const Array a_array = read(a_path), y_array = read(y_path);
  if (a_array.shape[0] != y_array.shape[0])
    throw InputError(a_path.string() + " has " + std::to_string(a_array.shape[0]) + " rows and "
                     + y_path.string() + " " + std::to_string(y_array.shape[0])
                     + ", there must be as many of each");
  if (a_array.shape[1] < 2)
    throw InputError(a_path.string() + " has " + std::to_string(a_array.shape[1])
                     + " column, at least 2 are needed");
  const bool complex = a_array.complex || y_array.complex;
  const Matrix a = stacked(a_array, complex, true), y = stacked(y_array, complex, false);
  const DenseOperator op(a);
  ToolReport report{.title = "Sparse coefficients of " + y_path.filename().string()};
  const GgampSblResult r = recover(op, y, std::move(options), report);
  add_figures(report, r, op, y);
  report.tables.push_back(support_table(r, complex));
  for (std::size_t i = 0; i < std::min<std::size_t>(r.zero_columns.size(), 8); ++i)
    report.warnings.push_back("column " + std::to_string(r.zero_columns[i])
                              + " (from 0) of A is zero: left out, its coefficient reported as 0");
  if (r.zero_columns.size() > 8)
    report.warnings.push_back("so are " + std::to_string(r.zero_columns.size() - 8) + " more columns");
  report.figures.insert(report.figures.begin(), stems_figure(r, complex));
  report.figures.push_back(residual_figure(y, op.apply(r.x), complex));
  if (y.cols() > 1) add_heat_map(r, complex, report);
  const Matrix sd = r.tau_x.cwiseSqrt();
  report.files.push_back(complex ? complex_file("x.npy", r.x) : npy_file("x.npy", r.x));
  report.files.push_back(complex ? complex_file("sd.npy", sd) : npy_file("sd.npy", sd));
  return report;
}

} // namespace raphson::optim::tools
