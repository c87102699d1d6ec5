#include "optim/engine/svd.h"

#include "dsp/error.h"
#include "optim/engine/random.h"
#include "tests/catch.h"

#include <Eigen/LU>

#include <algorithm>
#include <functional>

using namespace raphson;
using namespace raphson::optim;

namespace {

Matrix gaussian(Eigen::Index rows, Eigen::Index columns) {
  RandomStream random(1, "svd test");
  Matrix m(rows, columns);
  for (double& entry : m.reshaped()) entry = random.normal();
  return m;
}

} // namespace

TEST_CASE("singular values: the matrix again, orthonormal sides, falling values") {
  for (const auto& [rows, columns] : {std::pair<int, int>{30, 40}, {40, 30}, {5, 5}, {1, 7}}) {
    const Matrix m = gaussian(rows, columns);
    const Svd svd = thin_svd(m);
    const Eigen::Index k = std::min(rows, columns);
    CHECK((svd.left * svd.values.asDiagonal() * svd.right.transpose() - m).norm() < 1e-12 * m.norm());
    CHECK((svd.left.transpose() * svd.left - Matrix::Identity(k, k)).norm() < 1e-12);
    CHECK((svd.right.transpose() * svd.right - Matrix::Identity(k, k)).norm() < 1e-12);
    CHECK(std::is_sorted(svd.values.begin(), svd.values.end(), std::greater<>()));
  }
}

TEST_CASE("polar factor: Newton's iteration finds the same; not unique where a direction is lost") {
  const Matrix m = gaussian(12, 12);
  Matrix x = m; // Higham: X <- (X + X^-T) / 2
  for (int i = 0; i < 60; ++i) x = (x + x.inverse().transpose()) / 2;
  const PolarFactor polar = polar_factor(m);
  CHECK((polar.factor - x).norm() < 1e-10);
  CHECK(polar.unique);
  Matrix flat = m;
  flat.row(3) = flat.row(4);
  CHECK_FALSE(polar_factor(flat).unique);
  CHECK_THROWS_AS(polar_factor(Matrix(0, 3)), InputError);
}
