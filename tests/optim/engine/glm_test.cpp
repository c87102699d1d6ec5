#include "catch.h"

#include "dsp/error.h"
#include "optim/engine/finite_differences.h"
#include "optim/engine/glm.h"
#include "optim/engine/newton.h"
#include "optim/engine/random.h"

#include <Eigen/Cholesky>

#include <cmath>

using namespace raphson::optim;
using Catch::Matchers::Contains;

namespace {

struct Problem {
  Matrix x;
  Vector y, weights;
};

Problem random_problem(GlmFamily family, Eigen::Index n, Eigen::Index d) {
  RandomStream random(3, "glm test");
  Problem p{Matrix(n, d), Vector(n), Vector(n)};
  for (double& entry : p.x.reshaped()) entry = random.normal();
  for (Eigen::Index i = 0; i < n; ++i) {
    const double mean = glm_mean(family, 0.7 * p.x(i, 0) - 0.3 * p.x(i, 1));
    if (family == GlmFamily::linear) p.y[i] = mean + random.normal();
    if (family == GlmFamily::logistic || family == GlmFamily::probit) p.y[i] = random.uniform() < mean;
    if (family == GlmFamily::poisson) p.y[i] = std::floor(mean + random.uniform());
    p.weights[i] = static_cast<double>(random.index(3));
  }
  return p;
}

const auto families = {GlmFamily::linear, GlmFamily::logistic, GlmFamily::probit, GlmFamily::poisson};

} // namespace

TEST_CASE("The derivatives of every family are those of its loss") {
  for (const GlmFamily family : families)
    for (const double y : {0.0, 1.0})
      for (const double eta : {-40.0, -26.0, -24.0, -6.0, -0.3, 0.0, 1.2, 5.5, 9.0}) {
        INFO(name_of(family) << ", y " << y << ", eta " << eta);
        const GlmLoss at = glm_loss(family, y, eta);
        CHECK(at.value == Approx(glm_loss_value(family, y, eta)).epsilon(1e-12));
        const double h = 1e-5;
        const GlmLoss above = glm_loss(family, y, eta + h), below = glm_loss(family, y, eta - h);
        CHECK(at.first == Approx((above.value - below.value) / (2 * h)).epsilon(1e-6).margin(1e-8));
        CHECK(at.second == Approx((above.first - below.first) / (2 * h)).epsilon(1e-6).margin(1e-8));
      }
}

// log Phi(-38) is beyond erfc; by the asymptotic series to its 5th term, whose error is below 1e-11.
TEST_CASE("Probit and logistic keep their digits far out") {
  const double t = 38,
               mills = 1 - 1 / (t * t) + 3 / std::pow(t, 4) - 15 / std::pow(t, 6) + 105 / std::pow(t, 8);
  const double expected = 0.5 * t * t + 0.5 * std::log(2 * M_PI) + std::log(t) - std::log(mills);
  CHECK(glm_loss(GlmFamily::probit, 1, -t).value == Approx(expected).epsilon(1e-13));
  CHECK(glm_loss(GlmFamily::logistic, 1, 40).first == Approx(-std::exp(-40.0)).epsilon(1e-12));
  CHECK(glm_loss(GlmFamily::logistic, 1, 800).value == 0);
  CHECK(glm_loss(GlmFamily::logistic, 0, 800).value == 800);
}

TEST_CASE("The link undoes the mean") {
  for (const GlmFamily family : families)
    for (const double eta : {-3.0, -0.4, 0.1, 2.5})
      CHECK(glm_link(family, glm_mean(family, eta)) == Approx(eta).epsilon(1e-10));
  CHECK(glm_link(GlmFamily::probit, 0.975) == Approx(normal_quantile(0.975)).epsilon(1e-12));
}

TEST_CASE("A weighted GLM's gradient, Hessian and products are its value's derivatives") {
  for (const GlmFamily family : families) {
    INFO(name_of(family));
    const Problem p = random_problem(family, 40, 5);
    const GlmObjective f(p.x, p.y, {.family = family, .weights = p.weights, .scale = 0.3, .ridge = 0.2});
    const Vector theta = Vector::LinSpaced(5, -0.6, 0.4);
    Vector gradient;
    Matrix hessian;
    CHECK(f.value_gradient_and_hessian(theta, gradient, hessian) == Approx(f.value(theta)).epsilon(1e-13));
    CHECK((gradient - finite_difference_gradient(f, theta)).norm() < 1e-7);
    CHECK((hessian - finite_difference_hessian(f, theta)).norm() < 1e-7);
    const Vector v = Vector::LinSpaced(5, 1, -1);
    CHECK((f.hessian_product(theta, v) - hessian * v).norm() < 1e-12);
  }
}

TEST_CASE("A row's weight counts as so many copies of it, and few weighted rows as no others") {
  const Problem p = random_problem(GlmFamily::logistic, 30, 3);
  for (const Eigen::Index only : {30, 6}) { // all rows; few enough that they are gathered
    Vector weights = p.weights;
    weights.tail(30 - only).setZero();
    std::vector<Eigen::Index> copies;
    for (Eigen::Index i = 0; i < 30; ++i)
      for (int k = 0; k < weights[i]; ++k) copies.push_back(i);
    const Matrix x = p.x(copies, Eigen::all);
    const Vector y = p.y(copies), theta = Vector::LinSpaced(3, 0.5, -0.5);
    const GlmObjective all(p.x, p.y, {}), copied(x, y, {});
    Vector g, expected_g;
    Matrix h, expected_h;
    CHECK(all.weighted_derivatives(theta, weights, g, h)
          == Approx(copied.value_gradient_and_hessian(theta, expected_g, expected_h)).epsilon(1e-13));
    CHECK(all.weighted_value(theta, weights) == Approx(copied.value(theta)).epsilon(1e-13));
    CHECK((g - expected_g).norm() < 1e-12);
    CHECK((h - expected_h).norm() < 1e-12);
  }
}

// The normal equations of ridge regression are a closed form; the span of the rows must not change it.
TEST_CASE("A ridge fit in the span of the rows is the fit in all columns") {
  const Problem p = random_problem(GlmFamily::linear, 20, 50);
  const RidgeGlmFit fit = fit_ridge_glm(GlmFamily::linear, p.x, p.y, 0.1);
  const Matrix normal = p.x.transpose() * p.x / 20 + 0.1 * Matrix::Identity(50, 50);
  CHECK((fit.theta - normal.ldlt().solve(p.x.transpose() * p.y / 20)).norm() < 1e-8);
  CHECK(fit.newton.x.size() == 20);

  const Problem logistic = random_problem(GlmFamily::logistic, 20, 50);
  const Vector theta = fit_ridge_glm(GlmFamily::logistic, logistic.x, logistic.y, 1e-6).theta;
  Vector gradient;
  GlmObjective(logistic.x, logistic.y, {.scale = 1.0 / 20, .ridge = 1e-6})
      .value_and_gradient(theta, gradient);
  CHECK(gradient.lpNorm<Eigen::Infinity>() < 1e-8);
}

TEST_CASE("Newton's Cholesky directions end where its eigenvectors' do") {
  const Problem p = random_problem(GlmFamily::poisson, 60, 6);
  const GlmObjective f(p.x, p.y, {.family = GlmFamily::poisson});
  const Result spectral = minimise(f, Vector::Zero(6), NewtonOptions{});
  const Result cholesky = minimise(f, Vector::Zero(6), NewtonOptions{.convex = true});
  CHECK(cholesky.converged);
  CHECK((spectral.x - cholesky.x).norm() < 1e-9);
}

TEST_CASE("A GLM says what is wrong with its target") {
  CHECK_THROWS_WITH(check_glm_target(GlmFamily::logistic, Vector{{0, 1, 2}}, "wine.csv, column class"),
                    Contains("wine.csv, column class: row 3") && Contains("0 and 1"));
  CHECK_THROWS_WITH(check_glm_target(GlmFamily::poisson, Vector{{0, -1}}, "y"), Contains("row 2"));
  CHECK_THROWS_WITH(check_glm_target(GlmFamily::poisson, Vector{{0.5}}, "y"), Contains("counts"));
  CHECK_THROWS_WITH(check_glm_target(GlmFamily::linear, Vector{{NAN}}, "y"), Contains("finite"));
  CHECK_THROWS_WITH(parse_glm_family("gamma"), Contains("linear, logistic, probit or poisson"));
  const Matrix x = Matrix::Zero(3, 2);
  const Vector y = Vector::Zero(2);
  CHECK_THROWS_AS(GlmObjective(x, y, {}), raphson::InputError);
}
