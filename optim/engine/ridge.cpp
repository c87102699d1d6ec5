#include "optim/engine/ridge.h"

#include "dsp/error.h"

#include <cmath>
#include <limits>
#include <string>

namespace raphson::optim {
namespace {

Matrix gram(const Eigen::Ref<const RowMajorMatrix>& rows, RidgeSide side) {
  const Eigen::Index size = side == RidgeSide::rows ? rows.rows() : rows.cols();
  Matrix result = Matrix::Zero(size, size);
  auto lower = result.selfadjointView<Eigen::Lower>();
  if (side == RidgeSide::rows) {
    lower.rankUpdate(rows);
  } else {
    lower.rankUpdate(rows.transpose());
  }
  return result;
}

RidgeSide smaller_side(const Eigen::Ref<const RowMajorMatrix>& rows) {
  return rows.cols() <= rows.rows() ? RidgeSide::parameters : RidgeSide::rows;
}

} // namespace

Ridge::Ridge(const Eigen::Ref<const RowMajorMatrix>& rows, double lambda, RidgeSide side)
    : rows_(rows), side_(side == RidgeSide::automatic ? smaller_side(rows) : side) {
  if (!(lambda >= 0) || !std::isfinite(lambda)) {
    throw InputError("ridge: lambda is " + std::to_string(lambda) + "; it must be at least 0");
  }
  const bool surely_singular =
      lambda == 0 && (side_ == RidgeSide::rows ? rows.cols() < rows.rows() : rows.rows() < rows.cols());
  if (!surely_singular) {
    Matrix matrix = gram(rows, side_);
    matrix.diagonal().array() += lambda;
    factor_.compute(matrix);
  }
  if (surely_singular || factor_.info() != Eigen::Success) {
    throw InputError("ridge: the matrix of " + std::to_string(rows.rows()) + " rows and "
                     + std::to_string(rows.cols()) + " parameters is singular with lambda "
                     + std::to_string(lambda) + "; a larger lambda would do");
  }
}

Vector Ridge::solve(const Vector& r) const {
  if (side_ == RidgeSide::parameters) return factor_.solve(rows_.transpose() * r);
  return rows_.transpose() * factor_.solve(r);
}

Matrix Ridge::solve(const RowMajorMatrix& r) const {
  if (side_ == RidgeSide::parameters) return factor_.solve(rows_.transpose() * r);
  return rows_.transpose() * factor_.solve(r);
}

double Ridge::multiplications(double rows, double parameters, RidgeSide side) {
  if (side == RidgeSide::automatic) side = parameters <= rows ? RidgeSide::parameters : RidgeSide::rows;
  const double size = side == RidgeSide::rows ? rows : parameters;
  const double other = side == RidgeSide::rows ? parameters : rows;
  return size * size * other + size * size * size / 3;
}

Matrix smaller_gram(const Eigen::Ref<const RowMajorMatrix>& rows) {
  return gram(rows, smaller_side(rows)).selfadjointView<Eigen::Lower>();
}

Eigen::Index gram_rank(const Eigen::Ref<const RowMajorMatrix>& rows) {
  if (rows.size() == 0) return 0;
  const Matrix matrix = smaller_gram(rows);
  const Vector pivots = Eigen::LDLT<Matrix>(matrix).vectorD();
  const double noise = static_cast<double>(matrix.rows()) * std::numeric_limits<double>::epsilon()
                       * matrix.diagonal().maxCoeff();
  return (pivots.array() > noise).count();
}

} // namespace raphson::optim
