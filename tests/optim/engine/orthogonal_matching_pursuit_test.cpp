// Matching pursuit against its definition: each step's residual and least squares made anew, by QR.
#include "optim/engine/orthogonal_matching_pursuit.h"

#include "dsp/error.h"
#include "optim/engine/random.h"
#include "tests/catch.h"

#include <Eigen/QR>

#include <algorithm>
#include <limits>
#include <vector>

using namespace raphson;
using namespace raphson::optim;
using Catch::Matchers::Contains;

namespace {

Matrix gaussian(Eigen::Index rows, Eigen::Index columns, std::uint64_t seed) {
  RandomStream random(seed, "matching pursuit test");
  Matrix result(rows, columns);
  for (auto& value : result.reshaped()) value = random.normal();
  return result;
}

Vector by_definition(const Matrix& d, const Vector& y, std::size_t atoms, double limit) {
  Vector x = Vector::Zero(d.cols());
  std::vector<Eigen::Index> support;
  Vector residual = y;
  while (support.size() < atoms && residual.norm() > limit) {
    Eigen::Index best = 0;
    (d.transpose() * residual).cwiseAbs().cwiseQuotient(d.colwise().norm().transpose()).maxCoeff(&best);
    support.push_back(best);
    const Matrix chosen = d(Eigen::all, support);
    x.setZero();
    x(support) = chosen.householderQr().solve(y);
    residual = y - d * x;
  }
  return x;
}

/// Counts its products.
class Counted final : public Dictionary {
public:
  explicit Counted(Matrix d) : inner_(std::move(d)) {}
  Eigen::Index rows() const override { return inner_.rows(); }
  Eigen::Index atoms() const override { return inner_.atoms(); }
  Matrix multiply(const Eigen::Ref<const Matrix>& x) const override {
    forward += x.cols();
    return inner_.multiply(x);
  }
  Matrix multiply_transposed(const Eigen::Ref<const Matrix>& y) const override {
    transposed += y.cols();
    return inner_.multiply_transposed(y);
  }
  mutable Eigen::Index forward = 0, transposed = 0;

private:
  DenseDictionary inner_;
};

} // namespace

TEST_CASE("matching pursuit: the definition's atoms and least squares, columns of any length") {
  Matrix d = gaussian(20, 50, 1);
  for (Eigen::Index j = 0; j < d.cols(); ++j)
    d.col(j) *= std::pow(10.0, j % 5 - 2); // lengths must not matter
  const DenseDictionary dictionary(d);
  const OrthogonalMatchingPursuit pursuit(dictionary);
  const Matrix y = gaussian(20, 150, 2);
  const SparseMatrix many = pursuit.code(y, {.nonzeros = 6, .threads = 2});
  for (Eigen::Index c = 0; c < y.cols(); ++c) {
    const Vector expected = by_definition(d, y.col(c), 6, 0), x = Vector(many.col(c));
    REQUIRE(many.col(c).nonZeros() == 6);
    CHECK((d * (x - expected)).norm() < 1e-11 * y.col(c).norm());
    CHECK((x.array() != 0).cwiseEqual(expected.array() != 0).all());
  }
  // One by one the Gram matrix is never made.
  for (Eigen::Index c = 0; c < 5; ++c)
    CHECK((Matrix(pursuit.code(y.col(c), {.nonzeros = 6})) - Matrix(many.col(c))).norm()
          < 1e-9 * many.norm());
}

TEST_CASE("matching pursuit: stops at a residual, also far below the signal's rounding of squares") {
  const Matrix d = gaussian(30, 60, 3);
  const DenseDictionary dictionary(d);
  const OrthogonalMatchingPursuit pursuit(dictionary);
  const Vector y = gaussian(30, 1, 4);
  for (const double limit : {0.9, 0.5, 0.1}) {
    const Vector x = pursuit.code(y, {.residual = limit * y.norm()}).col(0);
    const Vector expected = by_definition(d, y, 30, limit * y.norm());
    CHECK((x - expected).norm() < 1e-9 * expected.norm());
    CHECK((y - d * x).norm() <= limit * y.norm());
  }
  Vector sparse = Vector::Zero(60);
  sparse[7] = 1, sparse[21] = 1e-9; // found although its square is below the rounding of the first's
  const SparseMatrix found = pursuit.code(d * sparse, {.residual = 1e-12});
  CHECK(found.nonZeros() == 2);
  CHECK(found.coeff(21, 0) == Approx(1e-9).epsilon(1e-4));
  CHECK(pursuit.code(1e-3 * y.normalized(), {.residual = 0.5}).nonZeros() == 0);
}

TEST_CASE("matching pursuit: zero columns, equal columns and zero signals") {
  Matrix d = gaussian(6, 9, 5);
  d.col(2).setZero();
  d.col(5) = -3 * d.col(4);
  const DenseDictionary dictionary(d);
  const OrthogonalMatchingPursuit pursuit(dictionary);
  Matrix y = gaussian(6, 20, 6);
  y.col(3).setZero();
  const SparseMatrix x = pursuit.code(y, {});
  CHECK(Matrix(x).row(2).norm() == 0);
  CHECK(x.col(3).nonZeros() == 0);
  for (Eigen::Index c = 0; c < y.cols(); ++c) {
    CHECK((x.coeff(4, c) == 0 || x.coeff(5, c) == 0));
    CHECK((y.col(c) - d * Vector(x.col(c))).norm() < 1e-10);
  }
  CHECK(coding_error(dictionary, y, x) < 1e-10);
  CHECK(coding_error(dictionary, y, SparseMatrix(9, 20)) == Approx(1));
}

TEST_CASE("matching pursuit: needs D x, D^T y and Gram columns alone") {
  const Counted dictionary(gaussian(20, 300, 7));
  const OrthogonalMatchingPursuit pursuit(dictionary);
  CHECK(dictionary.forward == 300); // the norms
  dictionary.forward = 0;
  const Vector y = gaussian(20, 1, 8);
  CHECK(pursuit.code(y, {.nonzeros = 4}).nonZeros() == 4);
  CHECK(dictionary.forward == 4);
  CHECK(dictionary.transposed == 1 + 4);
  dictionary.forward = dictionary.transposed = 0;
  pursuit.code(gaussian(20, 200, 9), {.nonzeros = 4}); // 800 Gram columns, of which 300 differ
  CHECK(dictionary.forward == 300);
  CHECK(dictionary.transposed == 200 + 300);
}

TEST_CASE("matching pursuit: what cannot be is refused") {
  const DenseDictionary dictionary(gaussian(4, 8, 1)), nothing(Matrix(4, 0));
  const OrthogonalMatchingPursuit pursuit(dictionary);
  CHECK_THROWS_WITH(OrthogonalMatchingPursuit(nothing), Contains("empty"));
  CHECK_THROWS_WITH(pursuit.code(gaussian(5, 1, 1), {}), Contains("have 4"));
  CHECK_THROWS_WITH(pursuit.code(gaussian(4, 1, 1), {.nonzeros = 5}), Contains("at most 4"));
  CHECK_THROWS_WITH(pursuit.code(gaussian(4, 1, 1), {.residual = -1}), Contains("residual"));
  Matrix bad = gaussian(4, 2, 1);
  bad(2, 1) = std::numeric_limits<double>::quiet_NaN();
  CHECK_THROWS_WITH(pursuit.code(bad, {}), Contains("not finite"));
  const DenseDictionary broken(bad);
  CHECK_THROWS_WITH(OrthogonalMatchingPursuit(broken), Contains("not finite"));
}
