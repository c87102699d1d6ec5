// Ridge against least squares on the stacked system [J; sqrt(Lambda) I] a = [r; 0] by QR.
#include "optim/engine/ridge.h"

#include "dsp/error.h"
#include "optim/engine/random.h"
#include "tests/catch.h"

#include <Eigen/QR>

using namespace raphson;
using namespace raphson::optim;
using Catch::Matchers::Contains;

namespace {

RowMajorMatrix random_rows(Eigen::Index rows, Eigen::Index columns, std::uint64_t seed) {
  RandomStream random(seed, "ridge test");
  RowMajorMatrix result(rows, columns);
  for (auto& value : result.reshaped()) value = random.normal();
  return result;
}

Vector by_least_squares(const RowMajorMatrix& rows, const Vector& r, double lambda) {
  Matrix stacked(rows.rows() + rows.cols(), rows.cols());
  stacked << rows, std::sqrt(lambda) * Matrix::Identity(rows.cols(), rows.cols());
  Vector right = Vector::Zero(stacked.rows());
  right.head(r.size()) = r;
  return Eigen::HouseholderQR<Matrix>(stacked).solve(right);
}

} // namespace

TEST_CASE("ridge: both sides are the least squares of the stacked system") {
  for (const auto& [rows, columns] : {std::pair<int, int>{30, 8}, {8, 30}, {9, 9}}) {
    const auto j = random_rows(rows, columns, 1);
    const Vector r = random_rows(rows, 1, 2);
    const Vector expected = by_least_squares(j, r, 0.3);
    for (const RidgeSide side : {RidgeSide::automatic, RidgeSide::parameters, RidgeSide::rows}) {
      INFO(rows << " x " << columns);
      CHECK((Ridge(j, 0.3, side).solve(r) - expected).norm() < 1e-11 * expected.norm());
    }
  }
}

TEST_CASE("ridge: many right sides at once are each of them") {
  for (const auto& [rows, columns] : {std::pair<int, int>{30, 8}, {8, 30}}) {
    const auto j = random_rows(rows, columns, 1), r = random_rows(rows, 3, 2);
    const Ridge ridge(j, 0.3);
    for (Eigen::Index c = 0; c < 3; ++c)
      CHECK((ridge.solve_columns(r).col(c) - by_least_squares(j, r.col(c), 0.3)).norm() < 1e-11);
  }
}

TEST_CASE("ridge: rows taken out of the sums are as if never in them") {
  const auto j = random_rows(30, 8, 1);
  const Vector r = random_rows(30, 1, 2);
  RidgeSums sums(j, r);
  CHECK((sums.solve(0.3) - by_least_squares(j, r, 0.3)).norm() < 1e-12);
  sums.remove(j.topRows(7), r.head(7));
  CHECK((sums.solve(0.2) - by_least_squares(j.bottomRows(23), r.tail(23), 0.2)).norm() < 1e-12);
  CHECK_THROWS_WITH(sums.solve(-1), Contains("at least 0"));
  CHECK_THROWS_WITH(RidgeSums(j.topRows(3), r.head(3)).solve(0), Contains("singular"));
}

TEST_CASE("ridge: some rows of the kernel are as if there were no others") {
  const auto j = random_rows(8, 30, 1);
  const Vector r = random_rows(8, 1, 2);
  const RidgeKernel kernel(j);
  const std::vector<Eigen::Index> some{1, 2, 4, 7};
  CHECK((kernel.solve(some, r, 0.2) - by_least_squares(j(some, Eigen::all), r(some), 0.2)).norm() < 1e-12);
  CHECK_THROWS_WITH(kernel.solve(some, r, -1), Contains("at least 0"));
  const auto high = random_rows(9, 3, 1);
  CHECK_THROWS_WITH(RidgeKernel(high).solve({0, 1, 2, 3}, random_rows(9, 1, 2), 0), Contains("singular"));
}

TEST_CASE("ridge: takes the smaller side, and counts its multiplications") {
  CHECK(Ridge(random_rows(20, 5, 1), 1).side() == RidgeSide::parameters);
  CHECK(Ridge(random_rows(5, 20, 1), 1).side() == RidgeSide::rows);
  CHECK(Ridge::multiplications(30, 6, RidgeSide::automatic) == 30 * 36 + 72);
  CHECK(Ridge::multiplications(6, 30, RidgeSide::automatic) == 30 * 36 + 72);
}

TEST_CASE("ridge: the rank is that of the rows") {
  const auto j = random_rows(20, 3, 1);
  const RowMajorMatrix low = j * random_rows(3, 12, 2);
  CHECK(gram_rank(low) == 3);
  CHECK(gram_rank(j) == 3);
  CHECK(gram_rank(RowMajorMatrix(low.transpose())) == 3);
  CHECK((smaller_gram(low) - low.transpose() * low).norm() < 1e-12 * low.squaredNorm());
}

TEST_CASE("ridge: what cannot be solved is refused") {
  const auto tall = random_rows(20, 5, 1);
  CHECK_THROWS_WITH(Ridge(tall, -1), Contains("at least 0"));
  CHECK_THROWS_AS(Ridge(tall, NAN), InputError);
  CHECK_THROWS_WITH(Ridge(tall, 0, RidgeSide::rows), Contains("singular"));
  CHECK_NOTHROW(Ridge(tall, 0, RidgeSide::parameters));
  CHECK_THROWS_WITH(Ridge(RowMajorMatrix(RowMajorMatrix::Zero(6, 2)), 0), Contains("singular"));
}
