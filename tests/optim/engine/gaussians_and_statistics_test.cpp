// Closed forms of samples and laws against integrals, other formulas and published values; conjugate
// gradients and eigenvalues against dense algebra.
#include "catch.h"

#include "dsp/error.h"
#include "optim/engine/conjugate_gradients.h"
#include "optim/engine/gaussian_divergence.h"
#include "optim/engine/problems/quadratic.h"
#include "optim/engine/random.h"
#include "optim/engine/rank_correlation.h"
#include "optim/engine/statistics.h"
#include "optim/engine/symmetric_eigen.h"

#include <Eigen/Cholesky>
#include <Eigen/LU>
#include <Eigen/QR>

#include <cmath>
#include <numbers>

using namespace raphson::optim;

namespace {

Matrix random_covariance(RandomStream& random, Eigen::Index n) {
  Matrix a(n, n);
  for (double& entry : a.reshaped()) entry = random.normal();
  return a * a.transpose() + 0.2 * Matrix::Identity(n, n);
}

Gaussian in_one(double mean, double deviation) {
  return {Vector{{mean}}, Matrix::Constant(1, 1, deviation * deviation)};
}

double density(double x, double mean, double deviation) {
  const double z = (x - mean) / deviation;
  return std::exp(-0.5 * z * z) / (deviation * std::sqrt(2 * std::numbers::pi));
}

/// 1/(q - 1) log of the integral of p^q r^(1 - q), by the trapezoid rule.
double renyi_by_integral(double q, double mp, double sp, double mr, double sr) {
  double sum = 0;
  const double h = 1e-3;
  for (double x = -40; x < 40; x += h)
    sum += h
           * std::exp(q * std::log(density(x, mp, sp) + 1e-300)
                      + (1 - q) * std::log(density(x, mr, sr) + 1e-300));
  return std::log(sum) / (q - 1);
}

} // namespace

TEST_CASE("Renyi's divergence of Gaussians is its integral, and adds up over independent coordinates") {
  for (const double q : {0.5, 1.5, 2.0}) {
    const double one = gaussian_renyi(q, in_one(0.3, 0.8), in_one(-0.4, 1.1));
    CHECK(one == Approx(renyi_by_integral(q, 0.3, 0.8, -0.4, 1.1)).epsilon(1e-6));
    const Gaussian p{Vector{{0.3, 1.0}}, Vector{{0.64, 1.0}}.asDiagonal()},
        r{Vector{{-0.4, 0.5}}, Vector{{1.21, 1.0}}.asDiagonal()};
    CHECK(gaussian_renyi(q, p, r) == Approx(one + gaussian_renyi(q, 0.5, 1.0)).epsilon(1e-12));
  }
  const double limit = gaussian_renyi(1 + 1e-6, in_one(0.3, 0.8), in_one(-0.4, 1.1));
  CHECK(gaussian_renyi(1, in_one(0.3, 0.8), in_one(-0.4, 1.1)) == Approx(limit).epsilon(1e-5));
  CHECK(gaussian_renyi(3, in_one(0, 2), in_one(0, 1))
        == std::numeric_limits<double>::infinity()); // 3 - 2 * 4 < 0
  RandomStream random(1, "renyi");
  const Matrix s = random_covariance(random, 4);
  const Vector m{{1.0, 0.0, -1.0, 2.0}};
  CHECK(gaussian_renyi(2, {m, s}, {m, s}) == Approx(0).margin(1e-12));
  CHECK_THROWS_AS(gaussian_renyi(0, in_one(0, 1), in_one(0, 1)), raphson::InputError);
  CHECK_THROWS_AS(gaussian_renyi(2, in_one(0, 0), in_one(0, 1)), raphson::InputError);
  CHECK_THROWS_AS(gaussian_renyi(2, in_one(0, 1), {m, s}), raphson::InputError);
}

TEST_CASE(
    "Frechet's distance: of commuting covariances by roots, unchanged by rotation, zero between equals") {
  RandomStream random(2, "frechet");
  const Vector a{{1.0, 2.0, 0.5}}, b{{0.3, 4.0, 1.0}}, m{{1.0, -1.0, 0.0}};
  const double expected = m.squaredNorm() + (a - b).squaredNorm();
  const Gaussian p{m, Matrix(a.cwiseAbs2().asDiagonal())},
      r{Vector::Zero(3), Matrix(b.cwiseAbs2().asDiagonal())};
  CHECK(gaussian_frechet(p, r) == Approx(expected).epsilon(1e-12));
  const Matrix q = Matrix(random_covariance(random, 3)).householderQr().householderQ();
  CHECK(gaussian_frechet({q * p.mean, q * p.covariance * q.transpose()},
                         {q * r.mean, q * r.covariance * q.transpose()})
        == Approx(expected).epsilon(1e-12));
  const Gaussian s{Vector::Zero(4), random_covariance(random, 4)},
      t{Vector::Zero(4), random_covariance(random, 4)};
  CHECK(gaussian_frechet(s, s) == Approx(0).margin(1e-12));
  CHECK(gaussian_frechet(s, t) == Approx(gaussian_frechet(t, s)).epsilon(1e-12));
  const Gaussian flat{Vector::Zero(2), Matrix::Zero(2, 2)}, unit{Vector::Zero(2), Matrix::Identity(2, 2)};
  CHECK(gaussian_frechet(flat, unit) == Approx(2));
}

TEST_CASE("A Gaussian from rows has their mean and covariance") {
  const Matrix rows{{1, 2}, {3, 6}, {5, 1}};
  const Gaussian g = gaussian_of_rows(rows);
  CHECK((g.mean - Vector{{3.0, 3.0}}).norm() < 1e-15);
  CHECK((g.covariance - Matrix{{4, -1}, {-1, 7}}).norm() < 1e-14);
  CHECK_THROWS_AS(gaussian_of_rows(rows.topRows(1)), raphson::InputError);
}

// R: cor(a, b, method = "spearman") by hand: ranks of a are 1 2.5 2.5 4 5, of b 2 1 4 3 5.
TEST_CASE("Rank correlations, with ties") {
  const Vector a{{0.1, 0.5, 0.5, 2.0, 9.0}}, b{{3.0, 1.0, 8.0, 4.0, 10.0}};
  CHECK(ranks_of(a) == Vector{{1.0, 2.5, 2.5, 4.0, 5.0}});
  CHECK(ranks_of(b) == Vector{{2.0, 1.0, 4.0, 3.0, 5.0}});
  // Deviations of the ranks: (-2, -.5, -.5, 1, 2) and (-1, -2, 1, 0, 2): 6.5 over sqrt(9.5 * 10).
  CHECK(spearman_correlation(a, b) == Approx(6.5 / std::sqrt(95.0)));
  // 9 pairs without a tie in a, all 10 in b; 7 agree, 2 do not.
  CHECK(kendall_correlation(a, b) == Approx(5 / std::sqrt(90.0)));
  CHECK(pearson_correlation(a, 3 * a) == Approx(1));
  CHECK(pearson_correlation(a, -a) == Approx(-1));
  CHECK(spearman_correlation(a, a.array().exp()) == Approx(1)); // monotone
  CHECK(std::isnan(spearman_correlation(a, Vector::Ones(5))));
  CHECK_THROWS_AS(spearman_correlation(a, Vector::Ones(4)), raphson::InputError);
  // Without ties: 1 - 6 sum of squared differences / (n (n^2 - 1)).
  RandomStream random(3, "ranks");
  Vector x(30), y(30);
  for (Eigen::Index i = 0; i < 30; ++i) {
    x[i] = random.normal();
    y[i] = x[i] + random.normal();
  }
  const double d = (ranks_of(x) - ranks_of(y)).squaredNorm();
  CHECK(spearman_correlation(x, y) == Approx(1 - 6 * d / (30.0 * 899)));
}

TEST_CASE("Quantiles are R's type 7; variances are over n - 1") {
  const Vector x{{5.0, 1.0, 4.0, 2.0}};
  CHECK(quantile(x, 0) == 1);
  CHECK(quantile(x, 1) == 5);
  CHECK(median(x) == 3);
  CHECK(quantile(x, 0.25) == Approx(1.75));
  CHECK(quantile(x, 0.9) == Approx(4.7));
  CHECK(sample_variance(x) == Approx(10.0 / 3));
  CHECK(standard_error(x) == Approx(std::sqrt(10.0 / 12)));
  CHECK_THROWS_AS(quantile(x, 1.1), raphson::InputError);
  CHECK_THROWS_AS(quantile(Vector(), 0.5), raphson::InputError);
  CHECK_THROWS_AS(sample_variance(Vector::Ones(1)), raphson::InputError);
}

// x_t = a x_{t-1} + noise has autocorrelation a^k, and its mean the information of (1 - a) / (1 + a) n
// values.
TEST_CASE("Autocorrelation and effective size of an autoregression") {
  RandomStream random(4, "autoregression");
  const double a = 0.6;
  Vector x(100000);
  x[0] = random.normal() / std::sqrt(1 - a * a);
  for (Eigen::Index t = 1; t < x.size(); ++t) x[t] = a * x[t - 1] + random.normal();
  CHECK(autocorrelation(x, 0) == Approx(1));
  for (const int lag : {1, 2, 5}) CHECK(autocorrelation(x, lag) == Approx(std::pow(a, lag)).margin(0.015));
  CHECK(effective_sample_size(x) == Approx(100000 * (1 - a) / (1 + a)).epsilon(0.1));
  CHECK(autocorrelation(Vector{{1.0, -1.0, 1.0, -1.0}}, 1) == Approx(-0.75));
  CHECK_THROWS_AS(autocorrelation(x.head(3), 3), raphson::InputError);
}

TEST_CASE("Conjugate gradients end within n steps at the dense solution") {
  const problems::Quadratic f(12, 50);
  RandomStream random(5, "cg");
  Vector b(12);
  for (double& entry : b) entry = random.normal();
  const auto product = [&](const Vector& v) { return Vector(f.matrix() * v); };
  const CgResult r = conjugate_gradients(product, b);
  CHECK(r.converged());
  CHECK(r.iterations <= 14);
  const Vector expected = f.matrix().llt().solve(b);
  CHECK((r.x - expected).norm() < 1e-8 * expected.norm());
  CHECK(r.residual_norm <= 1e-10 * b.norm());
  CHECK(conjugate_gradients(product, Vector::Zero(12)).converged());
  CHECK(conjugate_gradients(product, b, {.maximum_iterations = 3}).end == CgEnd::iteration_limit);
  CHECK(conjugate_gradients(product, b, {.box = 1e-6}).end == CgEnd::left_box);
  const CgResult negative = conjugate_gradients([&](const Vector& v) { return Vector(-v); }, b);
  CHECK(negative.end == CgEnd::negative_curvature);
  CHECK(negative.curvature < 0);
}

TEST_CASE("Powers of symmetric matrices and the dominant eigenvalue") {
  RandomStream random(6, "eigen");
  const Matrix a = random_covariance(random, 6);
  Matrix root, inverse_root;
  REQUIRE(symmetric_power(a, 0.5, 0.0, root));
  REQUIRE(symmetric_power(a, -0.5, 0.0, inverse_root));
  CHECK((root * root - a).norm() < 1e-12 * a.norm());
  CHECK((inverse_root * a * inverse_root - Matrix::Identity(6, 6)).norm() < 1e-11);
  const double largest = a.selfadjointView<Eigen::Lower>().eigenvalues().maxCoeff();
  Matrix damped;
  REQUIRE(symmetric_power(a, -1.0, 0.1, damped));
  CHECK((damped * (a + 0.1 * largest * Matrix::Identity(6, 6)) - Matrix::Identity(6, 6)).norm() < 1e-11);
  const Matrix shifted =
      a - 2 * largest * Matrix::Identity(6, 6); // its largest eigenvalue by size is negative
  const auto times = [](const Matrix& m) { return [&m](const Vector& v) { return Vector(m * v); }; };
  CHECK(dominant_eigenvalue(times(a), 6, {.maximum_iterations = 500, .tolerance = 1e-10})
        == Approx(largest).epsilon(1e-6));
  CHECK(dominant_eigenvalue(times(shifted), 6, {.maximum_iterations = 2000, .tolerance = 1e-12})
        == Approx(shifted.selfadjointView<Eigen::Lower>().eigenvalues().minCoeff()).epsilon(1e-4));
  Matrix kept = root;
  CHECK(!symmetric_power(Matrix(Matrix::Constant(2, 2, std::numeric_limits<double>::quiet_NaN())), 0.5, 0.0,
                         kept));
  CHECK(kept == root);
  CHECK(symmetric_power(Matrix(Matrix::Zero(2, 2)), -0.5, 0.1, kept));
  CHECK(kept == Matrix::Zero(2, 2));
}
