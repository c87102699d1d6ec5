#include "optim/data/npy_matrix.h"
#include "optim/data/png_image.h"
#include "optim/tools/signals/fast_report.h"

#include <algorithm>

namespace raphson::optim::tools {

using data::RowMatrix;
using Eigen::Index;

report::NamedImage factor_patterns(const FastTransform& transform) {
  constexpr Index gap = 4;
  Index rows = 0, columns = -gap;
  for (std::size_t j = 0; j < transform.factors(); ++j) {
    const Matrix factor = transform.factor(j);
    rows = std::max(rows, factor.rows() + 2);
    columns += factor.cols() + 2 + gap;
  }
  RowMatrix picture = RowMatrix::Ones(rows, columns);
  Index left = 0;
  for (std::size_t j = 0; j < transform.factors(); ++j) {
    const Matrix factor = transform.factor(j);
    auto frame = picture.block(0, left, factor.rows() + 2, factor.cols() + 2);
    frame.setConstant(0.8);
    frame.block(1, 1, factor.rows(), factor.cols()) =
        (factor.array() != 0).select(Matrix::Zero(factor.rows(), factor.cols()), 1.0);
    left += factor.cols() + 2 + gap;
  }
  const int scale = columns < 400 ? 3 : columns < 800 ? 2 : 1;
  return {"factors", data::png_bytes(data::grey_image(picture, scale)),
          "Where the entries of the factors lie, the leftmost factor first, which is the residual"};
}

void add_factor_files(report::ToolReport& report, const FastTransform& transform) {
  report.files.push_back({"factors.json", to_json(transform)});
  for (std::size_t j = 0; j < transform.factors(); ++j) {
    report.files.push_back(
        {"factor-" + std::to_string(j + 1) + ".npy", data::npy_bytes(data::RowMatrix(transform.factor(j)))});
  }
}

} // namespace raphson::optim::tools
