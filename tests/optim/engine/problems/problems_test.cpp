// The test problems' own derivatives and minima, against finite differences and published values.
#include "catch.h"

#include "optim/engine/adapters.h"
#include "optim/engine/finite_differences.h"
#include "optim/engine/problems/beale.h"
#include "optim/engine/problems/freudenstein_roth.h"
#include "optim/engine/problems/himmelblau.h"
#include "optim/engine/problems/powell_singular.h"
#include "optim/engine/problems/quadratic.h"
#include "optim/engine/problems/rosenbrock.h"
#include "optim/engine/problems/saddle.h"
#include "optim/engine/problems/wood.h"
#include "optim/engine/random.h"

#include <Eigen/Eigenvalues>

using namespace raphson::optim;
using namespace raphson::optim::problems;

namespace {

// The error relative to the size of the whole, since single entries may vanish.
template <class A, class B> double difference(const A& a, const B& b) {
  return (a - b).norm() / std::max(1.0, b.norm());
}

template <class F> void check_derivatives(const F& f, Eigen::Index n) {
  RandomStream random(1, "points");
  for (int trial = 0; trial < 5; ++trial) {
    Vector x(n), v(n);
    for (double& entry : x) entry = random.uniform(-2, 2);
    for (double& entry : v) entry = random.normal();
    Vector gradient, same_gradient;
    Matrix hessian;
    const double value = f.value(x);
    CHECK(f.value_and_gradient(x, gradient) == Approx(value).epsilon(1e-14));
    CHECK(f.value_gradient_and_hessian(x, same_gradient, hessian) == Approx(value).epsilon(1e-14));
    CHECK(difference(same_gradient, gradient) < 1e-14);
    CHECK(difference(finite_difference_gradient(f, x), gradient) < 1e-8);
    CHECK(difference(finite_difference_hessian(f, x), hessian) < 1e-8);
    CHECK(difference(second_difference_hessian(f, x), hessian) < 1e-5);
    CHECK(difference(finite_difference_hessian_product(f, x, v), hessian * v) < 1e-7);
    CHECK(difference(f.hessian_product(x, v), hessian * v) < 1e-13);
  }
}

template <HasResiduals F> void check_residuals(const F& f, const Vector& x) {
  const GaussNewtonFromResiduals<F> adapted(f);
  Vector residuals, gradient, expected;
  Matrix jacobian, jtj;
  f.residuals_and_jacobian(x, residuals, jacobian);
  const double value = f.value_and_gradient(x, expected);
  CHECK(0.5 * residuals.squaredNorm() == Approx(value).epsilon(1e-13));
  CHECK(adapted.value_gradient_and_gauss_newton(x, gradient, jtj) == Approx(value).epsilon(1e-13));
  CHECK(difference(gradient, expected) < 1e-13);
  CHECK(difference(jtj, jacobian.transpose() * jacobian) < 1e-14);
}

} // namespace

TEST_CASE("Derivatives of the test problems agree with finite differences") {
  check_derivatives(Rosenbrock{}, 2);
  check_derivatives(Rosenbrock{}, 5);
  check_derivatives(Beale{}, 2);
  check_derivatives(PowellSingular{}, 4);
  check_derivatives(Wood{}, 4);
  check_derivatives(Himmelblau{}, 2);
  check_derivatives(FreudensteinRoth{}, 2);
  check_derivatives(Quadratic(6, 100), 6);
  check_derivatives(Saddle{}, 2);
}

TEST_CASE("Residuals of the test problems give their values and gradients") {
  check_residuals(Rosenbrock{}, Vector{{-1.2, 1.0, 0.3}});
  check_residuals(Beale{}, Vector{{0.7, -0.4}});
  check_residuals(PowellSingular{}, PowellSingular::start());
  check_residuals(Wood{}, Wood::start());
  check_residuals(Himmelblau{}, Vector{{1.0, -2.0}});
  check_residuals(FreudensteinRoth{}, FreudensteinRoth::start());
  check_residuals(Quadratic(4, 10), Vector{{1.0, -2.0, 0.0, 3.0}});
}

// More, Garbow & Hillstrom 1981: problems 1, 2, 5, 13, 14 at their standard starts and minima.
TEST_CASE("Test problems have their published values") {
  CHECK(Rosenbrock{}.value(Rosenbrock::start()) == Approx(24.2));
  CHECK(Wood{}.value(Wood::start()) == Approx(19192.0));
  CHECK(PowellSingular{}.value(PowellSingular::start()) == Approx(215.0));
  CHECK(FreudensteinRoth{}.value(FreudensteinRoth::start()) == Approx(400.5));
  CHECK(Beale{}.value(Beale::start()) == Approx(14.203125));
  CHECK(Himmelblau{}.value(Himmelblau::start()) == Approx(170.0));
  CHECK(Rosenbrock{}.value(Rosenbrock::minimum(7)) == 0);
  CHECK(Wood{}.value(Wood::minimum()) == 0);
  CHECK(Beale{}.value(Beale::minimum()) == 0);
  CHECK(FreudensteinRoth{}.value(FreudensteinRoth::minimum()) == 0);
  for (const Vector& minimum : Himmelblau::minima()) CHECK(Himmelblau{}.value(minimum) < 1e-9);
  const Vector local = FreudensteinRoth::local_minimum();
  CHECK(FreudensteinRoth{}.value(local) == Approx(48.9842).margin(1e-4));
  CHECK(local[0] == Approx(11.41).margin(0.01));
  CHECK(local[1] == Approx(-0.8968).margin(1e-4));
}

TEST_CASE("A quadratic has the condition number asked for") {
  const Quadratic f(8, 1e4, 3);
  const Eigen::SelfAdjointEigenSolver<Matrix> spectrum(f.matrix());
  CHECK(spectrum.eigenvalues()[0] == Approx(1).epsilon(1e-9));
  CHECK(spectrum.eigenvalues()[7] == Approx(1e4).epsilon(1e-9));
}

TEST_CASE("Finite differences converge with the square of the step") {
  const Rosenbrock f;
  const Vector x = Rosenbrock::start();
  Vector exact;
  f.value_and_gradient(x, exact);
  const double coarse = (finite_difference_gradient(f, x, 1e-2) - exact).norm();
  const double fine = (finite_difference_gradient(f, x, 1e-3) - exact).norm();
  CHECK(coarse / fine == Approx(100).epsilon(0.01));
}

TEST_CASE("Wrappers turn values into gradients and Hessians, and products into a Hessian") {
  struct ValuesAlone {
    double value(const Vector& x) const { return Wood{}.value(x); }
  };
  const ValuesAlone plain;
  const Wood exact;
  const Vector x{{0.5, -0.3, 0.8, 0.1}};
  Vector gradient, approximate;
  Matrix hessian, approximate_hessian;
  exact.value_gradient_and_hessian(x, gradient, hessian);

  WithFiniteDifferenceGradient<ValuesAlone>(plain).value_and_gradient(x, approximate);
  CHECK(difference(approximate, gradient) < 1e-8);
  WithFiniteDifferenceHessian<ValuesAlone>(plain).value_gradient_and_hessian(x, approximate,
                                                                             approximate_hessian);
  CHECK(difference(approximate_hessian, hessian) < 1e-5);
  WithFiniteDifferenceHessian<Wood>(exact).value_gradient_and_hessian(x, approximate, approximate_hessian);
  CHECK(difference(approximate_hessian, hessian) < 1e-8);
  HessianFromProducts<Wood>(exact).value_gradient_and_hessian(x, approximate, approximate_hessian);
  CHECK(difference(approximate_hessian, hessian) < 1e-14);
  static_assert(!HasHessianProduct<WithFiniteDifferenceHessian<ValuesAlone>>);
  static_assert(HasHessianProduct<WithFiniteDifferenceHessian<Wood>>);
}
