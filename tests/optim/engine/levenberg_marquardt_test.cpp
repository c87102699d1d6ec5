#include "catch.h"

#include "optim/engine/counting.h"
#include "optim/engine/levenberg_marquardt.h"
#include "optim/engine/problems/beale.h"
#include "optim/engine/problems/freudenstein_roth.h"
#include "optim/engine/problems/powell_singular.h"
#include "optim/engine/problems/quadratic.h"
#include "optim/engine/problems/rosenbrock.h"
#include "optim/engine/problems/wood.h"

#include <limits>

using namespace raphson::optim;
using namespace raphson::optim::problems;

TEST_CASE("Levenberg-Marquardt reaches the known minima") {
  const auto reaches = [](const auto& f, const Vector& start, const Vector& minimum, double error,
                          int iterations) {
    const Result r = minimise(f, start, LevenbergMarquardtOptions{});
    INFO(to_string(r.stop_reason) << " after " << r.iterations << " iterations at " << r.x.transpose());
    CHECK(r.converged);
    CHECK((r.x - minimum).norm() < error);
    CHECK(r.iterations <= iterations);
    CHECK(f.value(r.x) == Approx(r.value).epsilon(1e-12).margin(1e-25));
  };
  reaches(Rosenbrock{}, Rosenbrock::start(), Rosenbrock::minimum(), 1e-8, 30);
  reaches(Beale{}, Beale::start(), Beale::minimum(), 1e-8, 20);
  reaches(Wood{}, Wood::start(), Wood::minimum(), 1e-6, 80);
  reaches(PowellSingular{}, PowellSingular::start(), PowellSingular::minimum(), 2e-3, 40);
  reaches(Quadratic(8, 1e6), Vector::Constant(8, 3), Quadratic(8, 1e6).minimum(), 1e-6, 40);
}

// At the local minimum the residuals are large, J is singular, and Gauss-Newton has no curvature to go by: it
// creeps. Only the value is asked for. Its closed form is in the problem's header.
TEST_CASE("Levenberg-Marquardt finds the large-residual minimum of Freudenstein and Roth") {
  const Result r = minimise(FreudensteinRoth{}, FreudensteinRoth::start(), LevenbergMarquardtOptions{});
  const double expected = FreudensteinRoth{}.value(FreudensteinRoth::local_minimum());
  CHECK(r.value == Approx(expected).epsilon(1e-9));
}

// Without damping the first step on a linear problem is the solution.
TEST_CASE("Undamped Levenberg-Marquardt is Gauss-Newton") {
  const Quadratic f(6, 100);
  const Result r = minimise(f, f.start(),
                            LevenbergMarquardtOptions{.gradient_tolerance = 1e-8,
                                                      .maximum_step = std::numeric_limits<double>::infinity(),
                                                      .initial_damping = 0});
  CHECK(r.iterations == 1);
  CHECK((r.x - f.minimum()).norm() < 1e-10);
  CHECK((r.hessian - f.matrix()).norm() < 1e-10);
}

// Marquardt's scaling: in other units the iterates are the same.
TEST_CASE("Levenberg-Marquardt does not depend on the units of the parameters") {
  struct Scaled {
    Vector units{{1e3, 1e-2}};
    void residuals_and_jacobian(const Vector& x, Vector& r, Matrix& j) const {
      Rosenbrock{}.residuals_and_jacobian(x.cwiseProduct(units), r, j);
      j = j * units.asDiagonal();
    }
  };
  const Scaled f;
  const LevenbergMarquardtOptions options{.maximum_iterations = 8,
                                          .maximum_step = std::numeric_limits<double>::infinity()};
  const Result plain = minimise(Rosenbrock{}, Rosenbrock::start(), options);
  const Result scaled = minimise(f, Rosenbrock::start().cwiseQuotient(f.units), options);
  CHECK(plain.iterations == 8);
  CHECK((scaled.x.cwiseProduct(f.units) - plain.x).norm() < 1e-8);
}

TEST_CASE("Levenberg-Marquardt counts a rejected step as one value") {
  struct Streaming { // as objectives that sum J^T J on the way
    double value(const Vector& x) const { return Wood{}.value(x); }
    double value_gradient_and_gauss_newton(const Vector& x, Vector& g, Matrix& jtj) const {
      const Wood wood;
      return GaussNewtonFromResiduals<Wood>(wood).value_gradient_and_gauss_newton(x, g, jtj);
    }
  };
  const Streaming f;
  const CountingObjective counted(f);
  const Result r = minimise(counted, Wood::start(), LevenbergMarquardtOptions{});
  CHECK(r.value_evaluations > r.iterations); // some were rejected
  CHECK(r.hessian_evaluations == r.iterations + 1);
  CHECK(counted.evaluations() == Evaluations{.value = r.value_evaluations, .hessian = r.hessian_evaluations});
}
