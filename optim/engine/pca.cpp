#include "optim/engine/pca.h"

#include "dsp/error.h"

#include <Eigen/Eigenvalues>

#include <algorithm>
#include <string>

namespace raphson::optim {
namespace {

// Of the smaller of X^T X and X X^T; from an eigenvector u of the latter comes the axis X^T u / |X^T u|.
void largest_eigenvectors(const CostMatrix& centred, Eigen::Index count, PrincipalAxes& result) {
  const bool wide = centred.cols() > centred.rows();
  const Matrix gram = wide ? Matrix(centred * centred.transpose()) : Matrix(centred.transpose() * centred);
  const Eigen::SelfAdjointEigenSolver<Matrix> solver(gram);
  result.variances =
      solver.eigenvalues().tail(count).reverse().cwiseMax(0) / static_cast<double>(centred.rows());
  const Matrix vectors = solver.eigenvectors().rightCols(count).rowwise().reverse();
  result.axes = wide ? Matrix(centred.transpose() * vectors) : vectors;
  if (wide) result.axes.colwise().normalize();
}

} // namespace

CostMatrix PrincipalAxes::project(const CostMatrix& rows) const {
  if (rows.cols() != mean.size()) {
    throw InputError("principal axes: rows of " + std::to_string(rows.cols()) + " columns; the axes are of "
                     + std::to_string(mean.size()));
  }
  return (rows.rowwise() - mean.transpose()) * axes;
}

PrincipalAxes principal_axes(const CostMatrix& rows, Eigen::Index count) {
  if (count < 1 || count > std::min(rows.rows(), rows.cols())) {
    throw InputError("principal axes: " + std::to_string(count) + " of " + std::to_string(rows.rows())
                     + " rows and " + std::to_string(rows.cols())
                     + " columns; at least 1, at most the smaller of them");
  }
  if (!rows.allFinite()) throw InputError("principal axes: every value must be a finite number");
  PrincipalAxes result;
  result.mean = rows.colwise().mean();
  largest_eigenvectors(rows.rowwise() - result.mean.transpose(), count, result);
  for (auto axis : result.axes.colwise()) {
    Eigen::Index largest = 0;
    axis.cwiseAbs().maxCoeff(&largest);
    if (axis[largest] < 0) axis = -axis;
  }
  return result;
}

} // namespace raphson::optim
