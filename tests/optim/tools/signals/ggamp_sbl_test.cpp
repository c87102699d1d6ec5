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

/// Counts what passes through a matrix: products of A, S or their transposes with one vector.
class CountingOperator final : public LinearOperator {
public:
  explicit CountingOperator(const Matrix& a) : a_(a) {}
  long count() const { return count_; }

  Eigen::Index rows() const override { return a_.rows(); }
  Eigen::Index cols() const override { return a_.cols(); }
  Matrix apply(const Matrix& x) const override {
    count_ += x.cols();
    return a_.apply(x);
  }
  Matrix apply_transposed(const Matrix& y) const override {
    count_ += y.cols();
    return a_.apply_transposed(y);
  }
  void apply_both(const Matrix& x, const Matrix& v, Matrix& ax, Matrix& sv) const override {
    count_ += x.cols() + v.cols();
    a_.apply_both(x, v, ax, sv);
  }
  void apply_both_transposed(const Matrix& y, const Matrix& u, Matrix& aty, Matrix& stu) const override {
    count_ += y.cols() + u.cols();
    a_.apply_both_transposed(y, u, aty, stu);
  }
  Vector column_energies() const override { return a_.column_energies(); }
  double multiplications() const override { return a_.multiplications(); }

private:
  DenseOperator a_;
  mutable long count_ = 0;
};

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
  const CountingOperator a(p.a);
  Ggamp ggamp(a, p.y);
  sweep_to_the_end(ggamp, gamma, noise, 0.95);
  CHECK(a.count() == 4L * ggamp.sweeps() - 1); // A x is 0 at first
  CHECK(ggamp.multiplications() == static_cast<double>(a.count()) * 300 * 500);
  const SparsePosterior direct = sparse_posterior(p.a, p.y, gamma, noise);
  const double off = (ggamp.tau_x() - direct.variance).norm() / direct.variance.norm();
  CHECK(off < 0.1);
  CHECK(off > 1e-4);
  CHECK(ggamp.degrees_of_freedom() == Approx(direct.explained.sum()).epsilon(0.02));
}

// Entry by entry, as the paper's algorithm is written.
TEST_CASE("GGAMP's first two sweeps are the formulas', damped but for tau_s at first") {
  const Eigen::Index m = 2, n = 3;
  Matrix a(m, n);
  a << 1, 2, -1, 0.5, -1, 3;
  const Matrix y = Vector{{1.0, -2.0}};
  const Vector gamma{{0.5, 2, 1}};
  const double noise = 0.3, theta = 0.6;
  const DenseOperator op(a);
  Ggamp ggamp(op, y);
  ggamp.start(gamma);
  Vector x = Vector::Zero(n), tau_x = gamma, s = Vector::Zero(m), tau_s = Vector::Zero(m);
  for (int sweep = 0; sweep < 2; ++sweep) {
    for (Eigen::Index i = 0; i < m; ++i) {
      double inverse_tau_p = 0, ax = 0;
      for (Eigen::Index j = 0; j < n; ++j) {
        inverse_tau_p += a(i, j) * a(i, j) * tau_x[j];
        ax += a(i, j) * x[j];
      }
      const double tau_p = 1 / inverse_tau_p, p = s[i] + tau_p * ax;
      s[i] = (1 - theta) * s[i] + theta * (p / tau_p - y(i, 0)) / (noise + 1 / tau_p);
      const double fresh = 1 / (noise + 1 / tau_p);
      tau_s[i] = sweep == 0 ? fresh : (1 - theta) * tau_s[i] + theta * fresh;
    }
    for (Eigen::Index j = 0; j < n; ++j) {
      double inverse_tau_r = 0, ats = 0;
      for (Eigen::Index i = 0; i < m; ++i) {
        inverse_tau_r += a(i, j) * a(i, j) * tau_s[i];
        ats += a(i, j) * s[i];
      }
      const double tau_r = 1 / inverse_tau_r, r = x[j] - tau_r * ats;
      tau_x[j] = gamma[j] * tau_r / (gamma[j] + tau_r);
      x[j] = (1 - theta) * x[j] + theta * gamma[j] * r / (gamma[j] + tau_r);
    }
    const Vector before = ggamp.x().rows() > 0 ? Vector(ggamp.x().col(0)) : Vector::Zero(n);
    const double change = ggamp.sweep(gamma, noise, theta);
    CHECK((ggamp.x().col(0) - x).norm() < 1e-14);
    CHECK((ggamp.tau_x().col(0) - tau_x).norm() < 1e-14);
    CHECK(change == Approx((x - before).squaredNorm()));
  }
}

// By the card's formulas, of EM's first step and second, whose E-steps have one sweep each: what the first
// left is where the second begins.
TEST_CASE("EM carries the sweeps' state on from step to step") {
  const RecoveryProblem p =
      sparse_problem(MatrixKind::independent, {.rows = 30, .columns = 50, .nonzeros = 4}, 1);
  const DenseOperator a(p.a);
  const GgampSblResult r = ggamp_sbl(a, p.y, {.maximum_sweeps = 1, .maximum_steps = 2, .theta = 0.7});
  const double m = 30, power = p.y.squaredNorm() / m, unit = power / (p.a.squaredNorm() / m);
  Ggamp by_hand(a, p.y);
  Vector gamma = Vector::Constant(50, 10 * unit);
  double noise = 0.01 * power;
  by_hand.start(gamma);
  for (int step = 0; step < 2; ++step) {
    by_hand.sweep(gamma, noise, 0.7);
    const Vector x = by_hand.x(), tau = by_hand.tau_x();
    noise = ((p.y - p.a * x).squaredNorm() + noise * (1 - tau.array() / gamma.array()).sum()) / m;
    gamma = x.cwiseAbs2() + tau;
  }
  CHECK((r.x - by_hand.x()).norm() < 1e-12 * r.x.norm());
  CHECK((r.gamma - gamma).norm() < 1e-12 * gamma.norm());
  CHECK(r.noise == Approx(noise).epsilon(1e-10));
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
  CHECK_FALSE(r.diverged);
  CHECK(ggamp_sbl(a, p.y, {.theta = 1, .halve_on_divergence = false}).diverged);
}

TEST_CASE("beta is found from the columns themselves, and a support is not flooded where they are alike") {
  const auto support_of = [](const GgampSblResult& r) {
    Eigen::Index count = 0;
    for (Eigen::Index t = 0; t < r.x.cols(); ++t)
      for (Eigen::Index n = 0; n < r.x.rows(); ++n) count += r.in_support(n, t) ? 1 : 0;
    return count;
  };
  for (const std::uint64_t seed : {1, 2, 3, 4}) {
    INFO("seed " << seed);
    for (const double beta : {0.6, 0.98}) {
      const RecoveryProblem p = sparse_problem(
          MatrixKind::independent,
          {.rows = 60, .columns = 120, .nonzeros = 12, .vectors = 4, .beta = beta, .snr_db = 30}, seed);
      const DenseOperator a(p.a);
      const GgampSblResult found = ggamp_sbl_auto(a, p.y), told = ggamp_sbl(a, p.y, {.beta = beta});
      CHECK(found.beta == Approx(beta).margin(beta < 0.9 ? 0.3 : 0.05)); // of 36 pairs
      CHECK(nmse_db(found.x, p.x) < nmse_db(told.x, p.x) + 1.5);
      CHECK(support_of(found) <= 48 + 4);
      CHECK(told.restarts == 0); // the columns' coupling is in the damping
      CHECK(told.damping.theta
            == safe_damping(told.damping.peak_to_average, 60, 120, column_coupling(4, beta)).theta);
    }
    // Rows that grow by a twentieth from column to column: no beta below 1 makes them.
    RecoveryProblem p = sparse_problem(MatrixKind::independent,
                                       {.rows = 60, .columns = 120, .nonzeros = 3, .vectors = 1}, seed);
    Matrix x(120, 4);
    for (Eigen::Index t = 0; t < 4; ++t) x.col(t) = std::pow(1.05, static_cast<double>(t)) * p.x;
    RandomStream random(seed, "growing rows");
    Matrix y = p.a * x;
    for (double& value : y.reshaped()) value += 0.02 * random.normal();
    const GgampSblResult growing = ggamp_sbl_auto(DenseOperator(p.a), y);
    CHECK(growing.beta > 0.9);
    CHECK(growing.beta <= largest_found_beta);
    CHECK(support_of(growing) <= 12 + 2);
    CHECK(nmse_db(growing.x, x) < -30);
  }
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
