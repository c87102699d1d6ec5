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

void check_lambda(double lambda) {
  if (!(lambda >= 0) || !std::isfinite(lambda))
    throw InputError("ridge: lambda is " + std::to_string(lambda) + "; it must be at least 0");
}

[[noreturn]] void fail_singular(const std::string& matrix, double lambda) {
  throw InputError("ridge: the matrix of " + matrix + " is singular with lambda " + std::to_string(lambda)
                   + "; a larger lambda would do");
}

RidgeSide smaller_side(const Eigen::Ref<const RowMajorMatrix>& rows) {
  return rows.cols() <= rows.rows() ? RidgeSide::parameters : RidgeSide::rows;
}

} // namespace

Ridge::Ridge(const Eigen::Ref<const RowMajorMatrix>& rows, double lambda, RidgeSide side)
    : rows_(rows), side_(side == RidgeSide::automatic ? smaller_side(rows) : side) {
  check_lambda(lambda);
  const bool surely_singular =
      lambda == 0 && (side_ == RidgeSide::rows ? rows.cols() < rows.rows() : rows.rows() < rows.cols());
  if (!surely_singular) {
    Matrix matrix = gram(rows, side_);
    matrix.diagonal().array() += lambda;
    factor_.compute(matrix);
  }
  if (surely_singular || factor_.info() != Eigen::Success)
    fail_singular(std::to_string(rows.rows()) + " rows and " + std::to_string(rows.cols()) + " parameters",
                  lambda);
}

Vector Ridge::solve(const Vector& r) const {
  if (side_ == RidgeSide::parameters) return factor_.solve(rows_.transpose() * r);
  return rows_.transpose() * factor_.solve(r);
}

Matrix Ridge::solve_columns(const RowMajorMatrix& r) const {
  if (side_ == RidgeSide::parameters) return factor_.solve(rows_.transpose() * r);
  return rows_.transpose() * factor_.solve(r);
}

double Ridge::multiplications(double rows, double parameters, RidgeSide side) {
  if (side == RidgeSide::automatic) side = parameters <= rows ? RidgeSide::parameters : RidgeSide::rows;
  const double size = side == RidgeSide::rows ? rows : parameters;
  const double other = side == RidgeSide::rows ? parameters : rows;
  return size * size * other + size * size * size / 3;
}

RidgeSums::RidgeSums(const Eigen::Ref<const RowMajorMatrix>& rows, const Vector& r)
    : gram_(gram(rows, RidgeSide::parameters)), right_(rows.transpose() * r), rows_(rows.rows()) {}

void RidgeSums::remove(const Eigen::Ref<const RowMajorMatrix>& rows, const Vector& r) {
  if (rows.rows() == 0) return;
  gram_.selfadjointView<Eigen::Lower>().rankUpdate(rows.transpose(), -1);
  right_.noalias() -= rows.transpose() * r;
  rows_ -= rows.rows();
}

Vector RidgeSums::solve(double lambda) const {
  check_lambda(lambda);
  Matrix matrix = gram_;
  matrix.diagonal().array() += lambda;
  const Eigen::LLT<Matrix> factor(matrix);
  if (factor.info() != Eigen::Success || (lambda == 0 && rows_ < matrix.rows()))
    fail_singular(std::to_string(matrix.rows()) + " parameters", lambda);
  return factor.solve(right_);
}

RidgeKernel::RidgeKernel(const Eigen::Ref<const RowMajorMatrix>& rows)
    : rows_(rows), kernel_(gram(rows, RidgeSide::rows).selfadjointView<Eigen::Lower>()) {}

Vector RidgeKernel::solve(const std::vector<Eigen::Index>& some, const Vector& r, double lambda) const {
  check_lambda(lambda);
  Matrix matrix = kernel_(some, some);
  matrix.diagonal().array() += lambda;
  const Eigen::LLT<Matrix> factor(matrix);
  if (factor.info() != Eigen::Success || (lambda == 0 && rows_.cols() < matrix.rows()))
    fail_singular(std::to_string(some.size()) + " rows and " + std::to_string(rows_.cols()) + " parameters",
                  lambda);
  Vector on_all = Vector::Zero(rows_.rows());
  const Vector of_some = factor.solve(Vector(r(some)));
  on_all(some) = of_some;
  return rows_.transpose() * on_all;
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
