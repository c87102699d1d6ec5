#include "catch.h"

#include "optim/engine/counting.h"
#include "optim/engine/finite_differences.h"
#include "optim/engine/newton.h"
#include "optim/engine/newton_cg.h"
#include "optim/engine/problems/beale.h"
#include "optim/engine/problems/freudenstein_roth.h"
#include "optim/engine/problems/himmelblau.h"
#include "optim/engine/problems/powell_singular.h"
#include "optim/engine/problems/quadratic.h"
#include "optim/engine/problems/rosenbrock.h"
#include "optim/engine/problems/saddle.h"
#include "optim/engine/problems/wood.h"

#include <cmath>
#include <limits>

using namespace raphson::optim;
using namespace raphson::optim::problems;

namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();

double distance_to_nearest(const Vector& x, const std::vector<Vector>& minima) {
  double nearest = infinity;
  for (const Vector& minimum : minima) nearest = std::min(nearest, (x - minimum).norm());
  return nearest;
}

} // namespace

TEMPLATE_TEST_CASE("Newton reaches the known minima", "", NewtonOptions, NewtonCgOptions) {
  const auto reaches = [](const auto& f, const Vector& start, const std::vector<Vector>& minima, double error,
                          int iterations) {
    const Result r = minimise(f, start, TestType{});
    INFO(to_string(r.stop_reason) << " after " << r.iterations << " iterations at " << r.x.transpose());
    CHECK(r.converged);
    CHECK(distance_to_nearest(r.x, minima) < error);
    CHECK(r.iterations <= iterations);
    Vector gradient;
    CHECK(f.value_and_gradient(r.x, gradient) == r.value);
    CHECK(gradient == r.gradient);
  };
  reaches(Rosenbrock{}, Rosenbrock::start(), {Rosenbrock::minimum()}, 1e-8, 30);
  reaches(Rosenbrock{}, Vector::Constant(10, 2.0), {Rosenbrock::minimum(10)}, 1e-8, 80);
  reaches(Beale{}, Beale::start(), {Beale::minimum()}, 1e-8, 20);
  reaches(Wood{}, Wood::start(), {Wood::minimum()}, 1e-8, 100);
  reaches(Himmelblau{}, Himmelblau::start(), Himmelblau::minima(), 2e-6, 15);
  reaches(FreudensteinRoth{}, FreudensteinRoth::start(),
          {FreudensteinRoth::minimum(), FreudensteinRoth::local_minimum()}, 1e-5, 20);
  reaches(PowellSingular{}, PowellSingular::start(), {PowellSingular::minimum()}, 2e-3, 60);
  reaches(Quadratic(8, 1e6), Vector::Constant(8, 3), {Quadratic(8, 1e6).minimum()}, 1e-6, 30);
  reaches(Saddle{}, Vector{{0.1, 1.0}}, Saddle::minima(), 1e-8, 15);
}

// One step from distance d ends at a distance proportional to d^2.
TEST_CASE("A Newton step squares the error on Rosenbrock") {
  const auto error_after_step = [](double distance) {
    const Vector start = Rosenbrock::minimum() + distance * Vector{{0.6, -0.8}};
    const Result r = minimise(Rosenbrock{}, start, NewtonOptions{.maximum_iterations = 1});
    return (r.x - Rosenbrock::minimum()).norm();
  };
  for (const double distance : {1e-5, 1e-6}) {
    const double exponent = std::log10(error_after_step(10 * distance) / error_after_step(distance));
    CHECK(exponent == Approx(2).margin(0.05));
  }
}

TEST_CASE("Newton's errors on Rosenbrock shrink quadratically to the last digit") {
  std::vector<double> errors;
  const auto record = [&](const Step& step) {
    errors.push_back((step.x - Rosenbrock::minimum()).norm());
    return Control::proceed;
  };
  minimise(Rosenbrock{}, Rosenbrock::start(), NewtonOptions{.gradient_tolerance = 1e-14}, record);
  CAPTURE(errors);
  CHECK(errors.back() < 1e-12);
  std::size_t near = 0; // the first within a tenth of the minimum
  while (errors[near] > 0.1) ++near;
  REQUIRE(errors.size() - near <= 7);
  for (std::size_t k = near; k + 1 < errors.size(); ++k)
    CHECK(errors[k + 1] <= 1000 * errors[k] * errors[k] + 1e-14);
}

// Powell's Hessian is singular at the minimum, where the error of quartic terms shrinks by 2/3 a Newton step.
TEST_CASE("Newton converges linearly by 2/3 on Powell's singular function") {
  std::vector<double> errors;
  const auto record = [&](const Step& step) {
    errors.push_back(step.x.norm());
    return Control::proceed;
  };
  minimise(PowellSingular{}, PowellSingular::start(), NewtonOptions{}, record);
  REQUIRE(errors.size() > 12);
  for (std::size_t k = 8; k < 12; ++k) CHECK(errors[k + 1] / errors[k] == Approx(2.0 / 3).epsilon(1e-3));
}

TEST_CASE("Newton solves a quadratic in one step of one value and one Hessian") {
  const Quadratic f(6, 1e3);
  const CountingObjective counted(f);
  const Result r =
      minimise(counted, f.start(), NewtonOptions{.gradient_tolerance = 1e-8, .maximum_step = infinity});
  CHECK(r.iterations == 1);
  CHECK(r.converged);
  CHECK((r.x - f.minimum()).norm() < 1e-10);
  CHECK((r.hessian - f.matrix()).norm() == 0);
  CHECK(counted.evaluations() == Evaluations{.value = 1, .hessian = 2}); // the start's Hessian and the step's
  CHECK(r.value_evaluations == 1);
  CHECK(r.hessian_evaluations == 2);
  CHECK(r.gradient_evaluations == 0);
}

TEST_CASE("Conjugate gradients solved to rounding take the steps of the direct solver") {
  const Rosenbrock f;
  std::vector<Vector> direct, truncated;
  const auto record = [](std::vector<Vector>& path) {
    return [&path](const Step& step) {
      path.push_back(step.x);
      return Control::proceed;
    };
  };
  const Vector start = Rosenbrock::start(); // the Hessian stays positive definite from here
  minimise(f, start, NewtonOptions{.maximum_step = infinity}, record(direct));
  minimise(f, start, NewtonCgOptions{.maximum_step = infinity, .largest_residual = 0}, record(truncated));
  REQUIRE(direct.size() > 10);
  REQUIRE(truncated.size() >= direct.size());
  for (std::size_t k = 0; k < direct.size(); ++k) CHECK((direct[k] - truncated[k]).norm() < 1e-6);
}

TEST_CASE("Conjugate gradients need one product a distinct eigenvalue") {
  const Quadratic f(40, 1); // A = identity: one product solves it
  const Result r = minimise(f, f.start(), NewtonCgOptions{.maximum_step = infinity});
  CHECK(r.iterations == 1);
  CHECK(r.hessian_product_evaluations == 1);
  CHECK((r.x - f.minimum()).norm() < 1e-10);
}

TEST_CASE("Newton leaves a saddle, also from the very point where the gradient vanishes") {
  const Saddle f;
  const Result exact = minimise(f, Saddle::saddle_point(), NewtonOptions{});
  CHECK(exact.converged);
  CHECK(exact.value == Approx(Saddle::minimum_value).epsilon(1e-14));
  const Result stays = minimise(f, Saddle::saddle_point(), NewtonOptions{.saddle_tolerance = infinity});
  CHECK(stays.stop_reason == StopReason::converged_gradient);
  CHECK(stays.iterations == 0);
  // Undamped Newton would fall into the saddle from here: the Hessian has an eigenvalue near -1.
  const Vector near{{1e-6, 1.0}};
  CHECK(minimise(f, near, NewtonOptions{}).value == Approx(Saddle::minimum_value).epsilon(1e-12));
  CHECK(minimise(f, near, NewtonCgOptions{}).value == Approx(Saddle::minimum_value).epsilon(1e-12));
}

TEST_CASE("No coordinate moves further than the longest step") {
  const Quadratic f(5, 1e4);
  Vector previous = f.start();
  const auto watch = [&](const Step& step) {
    CHECK((step.x - previous).lpNorm<Eigen::Infinity>() <= 0.25 * (1 + 1e-12));
    previous = step.x;
    return Control::proceed;
  };
  CHECK(minimise(f, f.start(), NewtonOptions{.maximum_step = 0.25}, watch).converged);
  previous = f.start();
  CHECK(minimise(f, f.start(), NewtonCgOptions{.maximum_step = 0.25}, watch).converged);
}

// A parameter without any effect, as where a recording does not determine it: the others still converge.
TEST_CASE("Newton leaves a parameter without effect where it is") {
  struct Flat {
    double value(const Vector& x) const { return Rosenbrock{}.value(x.head(2)) + 1; }
    double value_gradient_and_hessian(const Vector& x, Vector& g, Matrix& h) const {
      Vector inner_g;
      Matrix inner_h;
      const double v = Rosenbrock{}.value_gradient_and_hessian(x.head(2), inner_g, inner_h);
      g = Vector::Zero(3);
      h = Matrix::Zero(3, 3);
      g.head(2) = inner_g;
      h.topLeftCorner(2, 2) = inner_h;
      return v + 1;
    }
  };
  const Result r = minimise(Flat{}, Vector{{-1.2, 1.0, 0.7}}, NewtonOptions{});
  CHECK(r.converged);
  CHECK((r.x - Vector{{1.0, 1.0, 0.7}}).norm() < 1e-6);
}

TEST_CASE("Newton stops on its decrement where the minimum's value is not zero") {
  struct Offset {
    double value(const Vector& x) const { return Rosenbrock{}.value(x) + 1e6; }
    double value_gradient_and_hessian(const Vector& x, Vector& g, Matrix& h) const {
      return Rosenbrock{}.value_gradient_and_hessian(x, g, h) + 1e6;
    }
  };
  const Result r = minimise(Offset{}, Rosenbrock::start(), NewtonOptions{});
  CHECK(r.stop_reason == StopReason::converged_decrement);
  CHECK((r.x - Rosenbrock::minimum()).norm() < 0.01);
}

TEST_CASE("Newton runs on values alone through finite differences") {
  struct ValuesAlone {
    double value(const Vector& x) const { return Beale{}.value(x); }
  };
  const ValuesAlone plain;
  const WithFiniteDifferenceHessian<ValuesAlone> f(plain);
  const Result r = minimise(f, Beale::start(), NewtonOptions{.gradient_tolerance = 1e-8});
  CHECK((r.x - Beale::minimum()).norm() < 1e-6);
}
