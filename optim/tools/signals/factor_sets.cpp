#include "optim/tools/signals/factor_sets.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <numeric>
#include <vector>

namespace raphson::optim::tools {
namespace {

using Eigen::Index;
using Levels = Eigen::Matrix<std::int64_t, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;

/// Calls keep(i) for the `count` highest of `levels`, ties by index.
template <class Keep> void highest(const std::vector<std::int64_t>& levels, Index count, const Keep& keep) {
  std::vector<Index> order(levels.size());
  std::iota(order.begin(), order.end(), Index{0});
  const auto before = [&](Index i, Index j) {
    const auto a = levels[static_cast<std::size_t>(i)], b = levels[static_cast<std::size_t>(j)];
    return a != b ? a > b : i < j;
  };
  const auto end = order.begin() + std::min(count, std::ssize(order));
  if (end != order.end()) std::nth_element(order.begin(), end, order.end(), before);
  std::for_each(order.begin(), end, keep);
}

template <class Line> std::vector<std::int64_t> entries(const Line& line) {
  std::vector<std::int64_t> result(static_cast<std::size_t>(line.size()));
  for (Index i = 0; i < line.size(); ++i) result[static_cast<std::size_t>(i)] = line(i);
  return result;
}

} // namespace

Matrix FactorSet::project(const Matrix& m) const {
  const double most = m.cwiseAbs().maxCoeff();
  Matrix kept = Matrix::Zero(m.rows(), m.cols());
  if (!(most > 0)) return kept;
  const Levels levels =
      m.unaryExpr([&](double x) -> std::int64_t { return std::llround(std::abs(x) / most * 1e9); });
  if (kind == Kind::total)
    highest({levels.data(), levels.data() + levels.size()}, count,
            [&](Index i) { kept(i / m.cols(), i % m.cols()) = m(i / m.cols(), i % m.cols()); });
  else
    for (Index c = 0; c < m.cols(); ++c)
      highest(entries(levels.col(c)), count, [&](Index r) { kept(r, c) = m(r, c); });
  if (kind == Kind::row_column)
    for (Index r = 0; r < m.rows(); ++r)
      highest(entries(levels.row(r)), count, [&](Index c) { kept(r, c) = m(r, c); });
  return kept.normalized();
}

Index FactorSet::budget(Index rows, Index columns) const {
  if (kind == Kind::total) return std::min(count, rows * columns);
  const Index by_column = std::min(count, rows) * columns;
  return kind == Kind::column ? by_column
                              : std::min(by_column + std::min(count, columns) * rows, rows * columns);
}

} // namespace raphson::optim::tools
