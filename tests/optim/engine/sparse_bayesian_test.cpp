#include "optim/engine/sparse_bayesian.h"

#include "catch.h"
#include "dsp/error.h"
#include "optim/engine/random.h"

#include <Eigen/Cholesky>

#include <cmath>

using namespace raphson;
using namespace raphson::optim;
using Catch::Matchers::Contains;

namespace {

struct Problem {
  Matrix a{20, 40}, y;
  Vector x = Vector::Zero(40);
};

Problem problem() {
  Problem p;
  RandomStream random(3, "sparse Bayesian learning");
  for (double& entry : p.a.reshaped()) entry = random.normal();
  for (const Eigen::Index n : {3, 17, 31}) p.x[n] = 1 + random.uniform();
  p.y = p.a * p.x;
  for (double& value : p.y.reshaped()) value += 0.05 * random.normal();
  return p;
}

/// -2 log p(y), without its constant.
double evidence(const Matrix& a, const Vector& y, const Vector& gamma, double noise) {
  const Matrix c = a * gamma.asDiagonal() * a.transpose() + noise * Matrix::Identity(a.rows(), a.rows());
  const Eigen::LLT<Matrix> factor(c);
  const Matrix l = factor.matrixL();
  return 2 * l.diagonal().array().log().sum() + y.dot(factor.solve(y));
}

} // namespace

TEST_CASE("The sparse posterior is that of the parameters' side") {
  const Problem p = problem();
  RandomStream random(1, "variances");
  Vector gamma(40);
  for (double& g : gamma) g = std::exp(random.normal());
  const double noise = 0.3;
  const Matrix precision = p.a.transpose() * p.a / noise + Matrix(gamma.cwiseInverse().asDiagonal());
  const Matrix covariance = Eigen::LLT<Matrix>(precision).solve(Matrix::Identity(40, 40));
  const SparsePosterior posterior = sparse_posterior(p.a, p.y, gamma, noise);
  CHECK((posterior.mean - covariance * p.a.transpose() * p.y / noise).norm() < 1e-10);
  CHECK((posterior.variance - covariance.diagonal()).norm() < 1e-10);
  CHECK((posterior.explained - (1 - posterior.variance.array() / gamma.array()).matrix()).norm() < 1e-10);
}

TEST_CASE("EM of sparse Bayesian learning never loses evidence and finds a sparse vector") {
  const Problem p = problem();
  double before = 1e300;
  for (int steps = 1; steps <= 12; ++steps) {
    const auto r = sparse_bayesian(p.a, p.y, {.maximum_steps = steps});
    const double now = evidence(p.a, p.y.col(0), r.gamma, r.noise);
    CHECK(now <= before + 1e-9 * std::abs(before));
    before = now;
  }
  const auto r = sparse_bayesian(p.a, p.y);
  CHECK(r.converged);
  CHECK((r.x - p.x).norm() < 0.05 * p.x.norm());
  const auto known = sparse_bayesian(p.a, p.y, {.noise = 0.0025});
  CHECK(known.noise == 0.0025);
}

TEST_CASE("Bad input of sparse Bayesian learning is refused") {
  const Problem p = problem();
  CHECK_THROWS_WITH(sparse_bayesian(p.a, Matrix::Ones(19, 1)), Contains("20 rows of A and 19"));
  CHECK_THROWS_WITH(sparse_bayesian(p.a, Matrix::Zero(20, 1)), Contains("zero"));
  CHECK_THROWS_AS(sparse_posterior(p.a, p.y, Vector::Ones(40), 0), InputError);
  CHECK_THROWS_AS(sparse_posterior(p.a, p.y, -Vector::Ones(40), 1), InputError);
}
