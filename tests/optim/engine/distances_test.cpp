#include "optim/engine/distances.h"

#include "catch.h"
#include "dsp/error.h"
#include "optim/engine/pca.h"
#include "optim/engine/random.h"

#include <Eigen/SVD>

using namespace raphson;
using namespace raphson::optim;

namespace {

CostMatrix random_rows(int rows, int columns) {
  RandomStream random(1, "distances test");
  CostMatrix result(rows, columns);
  for (auto& value : result.reshaped()) value = random.normal();
  return result;
}

} // namespace

TEST_CASE("Distances are those of the rows, zero between equal ones, on any number of threads") {
  const CostMatrix a = random_rows(150, 5), b = random_rows(7, 5) * 2;
  const CostMatrix d = distances(a, b, 2);
  for (const auto& [i, j] : {std::pair{0, 0}, {149, 6}, {64, 3}}) {
    CHECK(d(i, j) == Approx((a.row(i) - b.row(j)).norm()).epsilon(1e-14));
  }
  CHECK(distances(a, b, 1) == d);
  CHECK(distances(a, a).diagonal().isZero(0));
  CHECK_THROWS_AS(distances(a, random_rows(2, 4)), InputError);
}

TEST_CASE("Principal axes are orthonormal, decorrelate the rows and lose least") {
  for (const auto& [rows, columns] : {std::pair{60, 6}, {6, 60}}) {
    CostMatrix x = random_rows(rows, columns);
    x.col(1) = 3 * x.col(0) + 0.1 * x.col(1);
    x.col(2) = x.col(2) * 5;
    const auto axes = principal_axes(x, 3);
    CHECK((axes.axes.transpose() * axes.axes - Matrix::Identity(3, 3)).norm() < 1e-12);
    const CostMatrix scores = axes.project(x);
    const Matrix covariance = scores.transpose() * scores / rows;
    CHECK((covariance - Matrix(axes.variances.asDiagonal())).norm() < 1e-10);
    // What is left over is the sum of the other singular values squared (Eckart & Young).
    const Matrix centred = x.rowwise() - x.colwise().mean();
    const Vector singular = Eigen::JacobiSVD<Matrix>(centred).singularValues();
    const double lost = (centred - scores * axes.axes.transpose()).squaredNorm();
    CHECK(lost == Approx(singular.tail(singular.size() - 3).squaredNorm()).epsilon(1e-9));
  }
}

TEST_CASE("Principal axes refuse more axes than there are rows or columns") {
  CHECK_THROWS_AS(principal_axes(random_rows(4, 9), 5), InputError);
  CHECK_THROWS_AS(principal_axes(random_rows(9, 4), 5), InputError);
  CHECK_THROWS_AS(principal_axes(random_rows(9, 4), 0), InputError);
  CHECK_THROWS_AS(principal_axes(CostMatrix::Constant(4, 4, NAN), 1), InputError);
}
