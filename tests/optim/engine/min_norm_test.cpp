#include "optim/engine/min_norm.h"

#include "catch.h"
#include "dsp/error.h"
#include "optim/engine/random.h"

#include <algorithm>

using namespace raphson;
using namespace raphson::optim;

namespace {

Matrix random_vectors(RandomStream& random, int dimensions, int count) {
  Matrix g(dimensions, count);
  for (auto& value : g.reshaped()) value = random.normal();
  return g;
}

// Optimal: every vector reaches at least as far along the point as the point itself (Kuhn & Tucker).
void check_optimal(const Matrix& gram) {
  const auto point = min_norm_point(gram);
  CHECK(point.weights.minCoeff() >= 0);
  CHECK(point.weights.sum() == Approx(1).epsilon(1e-12));
  CHECK(point.weights.dot(gram * point.weights) == Approx(point.squared_norm).margin(1e-12));
  CHECK((gram * point.weights).minCoeff() >= point.squared_norm - 1e-10 * gram.diagonal().maxCoeff());
}

} // namespace

TEST_CASE("Min-norm point satisfies its conditions of optimality, dependent vectors included") {
  RandomStream random(1, "min-norm test");
  for (int instance = 0; instance < 300; ++instance) {
    const int n = 1 + static_cast<int>(random.index(6)), d = 1 + static_cast<int>(random.index(8));
    Matrix g = random_vectors(random, d, n);
    if (instance % 3 == 0) g.row(0).array() += 2; // so that 0 is not in the hull
    if (instance % 5 == 0 && n > 2) g.col(2) = (g.col(0) + g.col(1)) / 2;
    if (instance % 7 == 0 && n > 1) g.col(1) = g.col(0);
    check_optimal(g.transpose() * g);
  }
}

TEST_CASE("Min-norm point of two vectors is MGDA's closed form") {
  RandomStream random(2, "min-norm test");
  for (int instance = 0; instance < 50; ++instance) {
    const Matrix g = random_vectors(random, 5, 2);
    const Vector a = g.col(0), b = g.col(1);
    const double c = std::clamp((b - a).dot(b) / (a - b).squaredNorm(), 0.0, 1.0);
    CHECK(min_norm_point(g.transpose() * g).weights[0] == Approx(c).margin(1e-12));
  }
}

TEST_CASE("Min-norm point: zero where vectors oppose, nothing to choose of one") {
  const Matrix opposed{{1.0, -2.0}, {-2.0, 4.0}}; // 1 and -2 on a line
  CHECK(min_norm_point(opposed).squared_norm == Approx(0).margin(1e-15));
  CHECK(min_norm_point(opposed).weights[0] == Approx(2.0 / 3));
  CHECK(min_norm_point(Matrix::Constant(1, 1, 9.0)).weights[0] == 1);
  CHECK(min_norm_point(Matrix::Zero(3, 3)).squared_norm == 0);
  CHECK_THROWS_AS(min_norm_point(Matrix()), InputError);
  CHECK_THROWS_AS(min_norm_point(Matrix::Constant(2, 2, NAN)), InputError);
}
