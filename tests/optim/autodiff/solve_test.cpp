#include "optim/autodiff/operations/solve.h"

#include "catch.h"
#include "dsp/error.h"
#include "optim/engine/random.h"
#include "optim/engine/types.h"

#include <Eigen/Cholesky>

using namespace raphson;
using namespace raphson::optim;

TEST_CASE("solve_positive: each system of a batch as Eigen solves it, the lower triangle alone read") {
  RandomStream random(1, "solve test");
  for (const Index k : {1, 2, 3, 5}) {
    constexpr Index batch = 6;
    std::vector<double> a, b;
    std::vector<Vector> expected;
    for (Index e = 0; e < batch; ++e) {
      Eigen::MatrixXd root(k, k + 2);
      for (auto& value : root.reshaped()) value = random.normal();
      const Eigen::MatrixXd square = root * root.transpose();
      Vector right(k);
      for (auto& value : right) value = random.normal();
      expected.push_back(square.ldlt().solve(right));
      for (Index i = 0; i < k; ++i)
        for (Index j = 0; j < k; ++j) a.push_back(j <= i ? square(i, j) : 1e9);
      b.insert(b.end(), right.begin(), right.end());
    }
    Tape<double> tape;
    const auto x =
        solve_positive(tape.constant({batch, k, k}, a.data()), tape.constant({batch, k}, b.data()));
    REQUIRE(x.shape() == Shape{batch, k});
    for (Index e = 0; e < batch; ++e)
      for (Index i = 0; i < k; ++i)
        CHECK(x.data()[e * k + i] == Approx(expected[static_cast<std::size_t>(e)][i]).epsilon(1e-9));
  }
}

TEST_CASE("solve_positive: shapes that are no systems are refused") {
  Tape<double> tape;
  const std::vector<double> values(18, 1);
  CHECK_THROWS_AS(
      solve_positive(tape.constant({2, 3, 3}, values.data()), tape.constant({2, 2}, values.data())),
      InputError);
  CHECK_THROWS_AS(solve_positive(tape.constant({3, 3}, values.data()), tape.constant({3}, values.data())),
                  InputError);
}
