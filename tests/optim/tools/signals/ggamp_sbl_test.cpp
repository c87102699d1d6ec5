#include "optim/tools/signals/ggamp_sbl.h"

#include "catch.h"
#include "dsp/error.h"
#include "optim/engine/random.h"
#include "optim/engine/sparse_bayesian.h"
#include "optim/tools/signals/ggamp_problems.h"
#include "optim/tools/signals/ggamp_sbl_demo.h"
#include "tool_demo.h"

#include <Eigen/LU>

#include <cmath>

using namespace raphson;
using namespace raphson::optim;
using namespace raphson::optim::tools;
using Catch::Matchers::Contains;

namespace {

Vector random_variances(Eigen::Index count, const char* name) {
  RandomStream random(2, name);
  Vector gamma(count);
  for (double& g : gamma) g = std::exp(random.normal());
  return gamma;
}

double theta_of(const Matrix& a, double coupling = 1) {
  return safe_damping(squared_norm(DenseOperator(a)) / a.squaredNorm(), static_cast<double>(a.rows()),
                      static_cast<double>(a.cols()), coupling)
      .theta;
}

void sweep_to_the_end(Ggamp& ggamp, const Vector& gamma, double noise, double theta) {
  ggamp.start(gamma);
  while (ggamp.sweeps() < 20000 && ggamp.sweep(gamma, noise, theta) > 1e-26 * ggamp.x().squaredNorm()) {
  }
}

/// beta^|i - j|.
Matrix toeplitz(Eigen::Index size, double beta) {
  Matrix r(size, size);
  for (Eigen::Index i = 0; i < size; ++i)
    for (Eigen::Index j = 0; j < size; ++j) r(i, j) = std::pow(beta, static_cast<double>(std::abs(i - j)));
  return r;
}

} // namespace

TEST_CASE("A fixed point of GGAMP is the posterior mean, for a matrix with a mean too") {
  for (const MatrixKind kind : all_matrix_kinds) {
    INFO(name_of(kind));
    const RecoveryProblem p = sparse_problem(kind, {.rows = 40, .columns = 80, .nonzeros = 6}, 1);
    const Vector gamma = random_variances(80, "gamma");
    const double noise = 0.1 * p.y.squaredNorm() / 40;
    const DenseOperator a(p.a);
    Ggamp ggamp(a, p.y);
    sweep_to_the_end(ggamp, gamma, noise, theta_of(p.a));
    const SparsePosterior direct = sparse_posterior(p.a, p.y, gamma, noise);
    CHECK((ggamp.x() - direct.mean).norm() < 1e-8 * direct.mean.norm());
  }
}

TEST_CASE("GGAMP costs four products a sweep, and its variances are its own") {
  const RecoveryProblem p = sparse_problem(MatrixKind::independent, {.rows = 300, .columns = 500}, 1);
  const Vector gamma = random_variances(500, "gamma");
  const double noise = 0.01 * p.y.squaredNorm() / 300;
  const DenseOperator a(p.a);
  Ggamp ggamp(a, p.y);
  sweep_to_the_end(ggamp, gamma, noise, 0.95);
  CHECK(ggamp.multiplications() == (4.0 * ggamp.sweeps() - 1) * 300 * 500); // A x is 0 at first
  const SparsePosterior direct = sparse_posterior(p.a, p.y, gamma, noise);
  const double off = (ggamp.tau_x() - direct.variance).norm() / direct.variance.norm();
  CHECK(off < 0.1);
  CHECK(off > 1e-4);
  CHECK(ggamp.degrees_of_freedom() == Approx(direct.explained.sum()).epsilon(0.02));
}

TEST_CASE("With beta, the fixed point is the posterior mean of rows that follow each other") {
  constexpr double beta = 0.7;
  constexpr Eigen::Index vectors = 3, n = 30, m = 20;
  const RecoveryProblem p = sparse_problem(
      MatrixKind::independent,
      {.rows = m, .columns = n, .nonzeros = 5, .vectors = vectors, .beta = beta, .snr_db = 20}, 1);
  const Vector gamma = random_variances(n, "gamma");
  const double noise = p.noise;
  const DenseOperator a(p.a);
  Ggamp ggamp(a, p.y, beta);
  sweep_to_the_end(ggamp, gamma, noise, theta_of(p.a, column_coupling(vectors, beta)));

  // The precision of all x(t) at once: A^T A / noise along the diagonal, the prior's across.
  const Matrix across = toeplitz(vectors, beta).inverse();
  Matrix precision = Matrix::Zero(n * vectors, n * vectors);
  Vector right(n * vectors);
  for (Eigen::Index t = 0; t < vectors; ++t) {
    precision.block(t * n, t * n, n, n) = p.a.transpose() * p.a / noise;
    for (Eigen::Index u = 0; u < vectors; ++u)
      precision.block(t * n, u * n, n, n) += Matrix((across(t, u) * gamma.cwiseInverse()).asDiagonal());
    right.segment(t * n, n) = p.a.transpose() * p.y.col(t) / noise;
  }
  const Vector direct = precision.partialPivLu().solve(right);
  CHECK((ggamp.x().reshaped() - direct).norm() < 1e-8 * direct.norm());
}

// With A = c I each coefficient is a chain of its own, whose messages are exact given tau_r.
TEST_CASE("Variances and the M-step with beta are those of the chain, its lag-one covariance included") {
  constexpr double beta = 0.9, c = 1.5, noise = 0.4;
  constexpr Eigen::Index vectors = 4, n = 6;
  const Matrix a = c * Matrix::Identity(n, n);
  RandomStream random(1, "chains");
  Matrix y(n, vectors);
  for (double& value : y.reshaped()) value = random.normal();
  const Vector gamma = random_variances(n, "gamma");
  const DenseOperator op(a);
  Ggamp ggamp(op, y, beta);
  ggamp.start(gamma);
  for (int k = 0; k < 3000; ++k) ggamp.sweep(gamma, noise, 0.3);
  const Matrix across = toeplitz(vectors, beta).inverse();
  const Vector expected = ggamp.expected_gamma();
  for (Eigen::Index i = 0; i < n; ++i) {
    const Vector tau = ggamp.tau_x().row(i), x = ggamp.x().row(i);
    const Vector weight = c * c / (noise + c * c * tau.array()); // 1 / tau_r
    const Matrix covariance = (Matrix(weight.asDiagonal()) + across / gamma[i]).inverse();
    CHECK((tau - covariance.diagonal()).norm() < 1e-9);
    const double second = x.dot(across * x) + (across * covariance).trace();
    CHECK(expected[i] == Approx(second / vectors).epsilon(1e-9));
  }
}

TEST_CASE("Damping meets its bound with 5 % to spare") {
  CHECK(safe_damping(1.0 / 200, 256, 512).theta == Approx(0.95)); // flat singular values: none needed
  const double ratio = 0.3, m = 100, n = 250, coupling = 1.7;
  const double largest = safe_damping(ratio, m, n, coupling).theta / 0.95;
  CHECK(2 * ((2 - largest) * n + largest * m) / (largest * largest * m * n)
        == Approx(ratio * coupling).epsilon(1e-6));
  CHECK(column_coupling(1, 0.9) == Approx(1));
  CHECK(column_coupling(5, 0) == Approx(1));
  CHECK(column_coupling(2, 0.9) == Approx(1.9));
}

TEST_CASE("Sweeps that diverge start over with half the damping, and say so") {
  const RecoveryProblem p =
      sparse_problem(MatrixKind::mean_shifted, {.rows = 100, .columns = 200, .nonzeros = 12}, 1);
  const DenseOperator a(p.a);
  const GgampSblResult r = ggamp_sbl(a, p.y, {.theta = 1});
  CHECK(r.restarts >= 1);
  CHECK(r.damping.theta == std::pow(0.5, r.restarts));
  CHECK(nmse_db(r.x, p.x) < -25);
  CHECK(nmse_db(ggamp_sbl(a, p.y).x, p.x) < -25);
}

TEST_CASE("Units of A and y do not matter, known noise stays") {
  const RecoveryProblem p =
      sparse_problem(MatrixKind::independent, {.rows = 60, .columns = 100, .nonzeros = 6}, 2);
  const Matrix a = 1e-3 * p.a, y = 1e4 * p.y;
  const GgampSblResult one = ggamp_sbl(DenseOperator(p.a), p.y), other = ggamp_sbl(DenseOperator(a), y);
  CHECK((1e-7 * other.x - one.x).norm() < 1e-6 * one.x.norm());
  CHECK(other.noise == Approx(1e8 * one.noise).epsilon(1e-4));
  CHECK(ggamp_sbl(DenseOperator(p.a), p.y, {.noise = 0.01}).noise == 0.01);
}

TEST_CASE("A zero column is left out and reported") {
  RecoveryProblem p = sparse_problem(MatrixKind::independent, {.rows = 60, .columns = 100, .nonzeros = 6}, 3);
  const Eigen::Index at = p.support[0] == 7 ? 8 : 7;
  p.a.col(at).setZero();
  const GgampSblResult r = ggamp_sbl(DenseOperator(p.a), p.y);
  REQUIRE(r.zero_columns == std::vector<Eigen::Index>{at});
  CHECK(r.x(at, 0) == 0);
  CHECK(r.tau_x(at, 0) == 0);
  CHECK_FALSE(r.in_support(at, 0));
  CHECK(r.x.allFinite());
}

TEST_CASE("Bad input of GGAMP-SBL is refused") {
  const Matrix a = Matrix::Random(5, 8);
  const DenseOperator op(a);
  CHECK_THROWS_WITH(ggamp_sbl(op, Matrix::Ones(6, 1)), Contains("5 rows and y 6"));
  CHECK_THROWS_WITH(ggamp_sbl(op, Matrix::Zero(5, 1)), Contains("zero"));
  CHECK_THROWS_WITH(ggamp_sbl(op, Matrix::Constant(5, 1, NAN)), Contains("not finite"));
  CHECK_THROWS_WITH(ggamp_sbl(op, Matrix::Ones(5, 2), {.beta = 1}), Contains("beta"));
  CHECK_THROWS_WITH(ggamp_sbl(op, Matrix::Ones(5, 2), {.beta = -0.1}), Contains("beta"));
  CHECK_THROWS_WITH(ggamp_sbl(op, Matrix::Ones(5, 1), {.noise = 0.0}), Contains("noise"));
  const Matrix one = Matrix::Ones(5, 1);
  CHECK_THROWS_WITH(ggamp_sbl(DenseOperator(one), Matrix::Ones(5, 1)), Contains("at least 2"));
}

TEST_CASE("The experiment of GGAMP-SBL, in short") { check_claims(ggamp_sbl_demo({.brief = true})); }
