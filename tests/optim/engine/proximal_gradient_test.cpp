// Projections by their definition, projected and proximal gradient against optimality conditions, and
// coordinate descent for elastic nets against both and against Newton.
#include "catch.h"

#include "dsp/error.h"
#include "optim/engine/elastic_net.h"
#include "optim/engine/newton.h"
#include "optim/engine/problems/quadratic.h"
#include "optim/engine/proximal_gradient.h"
#include "optim/engine/random.h"

#include <Eigen/Cholesky>

#include <cmath>
#include <limits>

using namespace raphson::optim;
using problems::Quadratic;

namespace {

Vector random_vector(RandomStream& random, Eigen::Index n, double size = 1) {
  Vector x(n);
  for (double& entry : x) entry = size * random.normal();
  return x;
}

Matrix random_matrix(RandomStream& random, Eigen::Index n, Eigen::Index p) {
  Matrix x(n, p);
  for (double& entry : x.reshaped()) entry = random.normal();
  return x;
}

} // namespace

// P(x) is the projection onto a convex set if it is in it and (x - P(x))^T (z - P(x)) <= 0 for all z in it.
TEST_CASE("Projections meet the variational inequality, and are the identity inside") {
  RandomStream random(1, "projections");
  const Vector centre = random_vector(random, 6);
  const std::vector<std::function<void(Vector&)>> sets{Box::of(6, -0.5, 0.8), Simplex{2.0}, Ball{1.5},
                                                       Ball{0.7, centre}};
  for (const auto& project : sets)
    for (int trial = 0; trial < 50; ++trial) {
      const Vector x = random_vector(random, 6, 2);
      Vector at = x;
      project(at);
      Vector again = at;
      project(again);
      CHECK((again - at).norm() < 1e-14);
      for (int other = 0; other < 10; ++other) {
        Vector z = random_vector(random, 6, 3);
        project(z);
        CHECK((x - at).dot(z - at) < 1e-12);
      }
    }
  Vector onto_simplex = random_vector(random, 6, 2);
  Simplex{2.0}(onto_simplex);
  CHECK(onto_simplex.minCoeff() >= 0);
  CHECK(onto_simplex.sum() == Approx(2));
  Vector in_ball = random_vector(random, 6, 9);
  Ball{0.7, centre}(in_ball);
  CHECK((in_ball - centre).norm() == Approx(0.7));
}

TEST_CASE("Projected gradient ends where the gradient points out of the set") {
  const Quadratic f(5, 30);
  for (const bool accelerated : {false, true}) {
    const Result r = minimise(
        f, f.start(), ProjectedGradientOptions{.projection = Box::of(5, 0, 2.5), .accelerated = accelerated});
    INFO(r.iterations);
    CHECK(r.converged);
    for (Eigen::Index i = 0; i < 5; ++i) {
      CHECK((r.x[i] >= 0 && r.x[i] <= 2.5));
      if (r.x[i] == 0) CHECK(r.gradient[i] >= 0);
      if (r.x[i] == 2.5) CHECK(r.gradient[i] <= 0);
      if (r.x[i] > 0 && r.x[i] < 2.5) CHECK(std::abs(r.gradient[i]) < 1e-6);
    }
    CHECK(r.x.maxCoeff() == 2.5); // the minimum itself is outside
  }
  // On a sphere's surface the gradient is radial.
  const Result on_ball = minimise(f, f.start(), ProjectedGradientOptions{.projection = Ball{1.0}});
  CHECK(on_ball.x.norm() == Approx(1));
  CHECK((on_ball.gradient + on_ball.gradient.norm() * on_ball.x).norm() < 1e-6 * on_ball.gradient.norm());
  // On the simplex all gradients where x > 0 agree, the others are no smaller.
  const Result on_simplex = minimise(f, f.start(), ProjectedGradientOptions{.projection = Simplex{1}});
  const double least = on_simplex.gradient.minCoeff();
  for (Eigen::Index i = 0; i < 5; ++i)
    if (on_simplex.x[i] > 0) CHECK(on_simplex.gradient[i] == Approx(least).margin(1e-6));
  CHECK_THROWS_AS(minimise(f, f.start(), ProjectedGradientOptions{}), raphson::InputError);
}

TEST_CASE("ISTA and FISTA end at the lasso's optimality conditions, FISTA in far fewer steps") {
  const Quadratic f(20, 1e3);
  Vector unused;
  f.value_and_gradient(Vector::Zero(20), unused);
  const double l1 = 0.2 * unused.lpNorm<Eigen::Infinity>();
  int iterations[2];
  Vector solution[2];
  for (const bool accelerated : {false, true}) {
    const Result r = minimise(f, f.start(),
                              ProximalGradientOptions{.penalty = elastic_net_penalty(l1),
                                                      .accelerated = accelerated,
                                                      .maximum_iterations = 100000,
                                                      .gradient_tolerance = 1e-7});
    INFO(to_string(r.stop_reason));
    CHECK(r.converged);
    int zeros = 0;
    for (Eigen::Index i = 0; i < 20; ++i) {
      zeros += r.x[i] == 0;
      if (r.x[i] == 0)
        CHECK(std::abs(r.gradient[i]) <= l1);
      else
        CHECK(r.gradient[i] == Approx(std::copysign(l1, -r.x[i])).margin(1e-5));
    }
    CHECK(zeros > 0);
    CHECK(r.value == Approx(f.value(r.x) + l1 * r.x.lpNorm<1>()));
    iterations[accelerated] = r.iterations;
    solution[accelerated] = r.x;
  }
  CHECK((solution[0] - solution[1]).norm() < 1e-6);
  CHECK(3 * iterations[1] < iterations[0]);
}

namespace {

Vector target_of(RandomStream& random, GlmFamily family, const Vector& eta) {
  Vector y(eta.size());
  for (Eigen::Index i = 0; i < eta.size(); ++i) {
    const double mean = glm_mean(family, eta[i]);
    if (family == GlmFamily::linear) y[i] = mean + random.normal();
    if (family == GlmFamily::logistic || family == GlmFamily::probit) y[i] = random.uniform() < mean;
    if (family == GlmFamily::poisson) y[i] = std::floor(mean + random.uniform());
  }
  return y;
}

struct Sample {
  Matrix x;
  Vector y;
};

Sample sample_of(GlmFamily family, Eigen::Index n, Eigen::Index p, std::uint64_t seed = 1) {
  RandomStream random(seed, "elastic net");
  Sample s{random_matrix(random, n, p), {}};
  Vector w = Vector::Zero(p);
  w.head(4) << 1, -1, 0.5, -0.5;
  s.y = target_of(random, family, (s.x * w).array() + 0.3);
  return s;
}

} // namespace

// The conditions written out apart from the solver: g + l1 sign(w) = 0 where w is not 0, |g| <= l1 where it
// is, and no slope in the intercept.
TEST_CASE("Coordinate descent ends at the elastic net's optimality conditions in every family") {
  for (const GlmFamily family :
       {GlmFamily::linear, GlmFamily::logistic, GlmFamily::probit, GlmFamily::poisson})
    for (const auto& [n, p] : {std::pair(60, 10), std::pair(40, 120)}) {
      const Sample s = sample_of(family, n, p);
      Vector d = Vector::Ones(n);
      for (Eigen::Index i = 0; i < n; i += 3)
        d[i] = static_cast<double>(i % 4); // counts of a resample, some 0
      ElasticNetSettings settings{.family = family, .l2 = 0.5, .weights = d};
      settings.l1 = 0.2 * ElasticNetProblem(s.x, s.y, settings).largest_l1();
      const ElasticNetProblem problem(s.x, s.y, settings);
      const Result r = minimise(problem, problem.start(), CoordinateDescentOptions{});
      INFO(name_of(family) << " p = " << p << ": " << to_string(r.stop_reason) << " " << r.iterations);
      CHECK(r.converged);
      const Vector w = r.x.head(p), eta = (s.x * w).array() + r.x[p];
      Vector slope(n);
      for (Eigen::Index i = 0; i < n; ++i) slope[i] = d[i] * glm_loss(family, s.y[i], eta[i]).first;
      const Vector g = s.x.transpose() * slope + settings.l2 * w;
      int zeros = 0;
      for (Eigen::Index j = 0; j < p; ++j) {
        zeros += w[j] == 0;
        const double violation = w[j] == 0 ? std::max(0.0, std::abs(g[j]) - settings.l1)
                                           : std::abs(g[j] + std::copysign(settings.l1, w[j]));
        CHECK(violation <= 1.01e-8 * settings.l1);
      }
      CHECK(std::abs(slope.sum()) <= 1.01e-8 * settings.l1);
      CHECK((zeros > 0 && zeros < p));
    }
}

TEST_CASE("Without l1 coordinate descent is ridge regression by Newton") {
  for (const GlmFamily family : {GlmFamily::linear, GlmFamily::logistic, GlmFamily::poisson}) {
    const Sample s = sample_of(family, 80, 6);
    const ElasticNetProblem problem(s.x, s.y, {.family = family, .l2 = 2, .intercept = false});
    const Result r = minimise(problem, problem.start(), CoordinateDescentOptions{.tolerance = 1e-11});
    CHECK(r.x[6] == 0);
    const GlmObjective objective(s.x, s.y, {.family = family, .ridge = 2});
    const Result newton = minimise(objective, Vector::Zero(6), NewtonOptions{});
    CHECK((r.x.head(6) - newton.x).norm() < 1e-7);
    CHECK(r.value == Approx(newton.value).epsilon(1e-12));
  }
}

// 52 ones in 120: the intercept is logit(52/120) = -0.26826, to which one Newton step from 0 gives -0.26667.
TEST_CASE("From largest_l1 on all coefficients are 0 and the intercept is the mean's") {
  RandomStream random(4, "threshold");
  const Matrix x = random_matrix(random, 120, 30);
  Vector y = Vector::Zero(120);
  y.head(52).setOnes();
  ElasticNetSettings settings{.family = GlmFamily::logistic, .l2 = 0.1};
  const double largest = ElasticNetProblem(x, y, settings).largest_l1();
  settings.l1 = 1.001 * largest;
  const ElasticNetProblem above(x, y, settings);
  const Result r = minimise(above, Vector::Zero(31), CoordinateDescentOptions{});
  CHECK(r.x.head(30) == Vector::Zero(30));
  CHECK(r.x[30] == Approx(std::log(52.0 / 68)).margin(1e-9));
  settings.l1 = 0.99 * largest;
  const ElasticNetProblem below(x, y, settings);
  CHECK((minimise(below, below.start(), CoordinateDescentOptions{}).x.head(30).array() != 0).count() == 1);
}

TEST_CASE("A row of weight two is the row twice, weights of zero and one are the subset") {
  const Sample s = sample_of(GlmFamily::logistic, 50, 8);
  Vector d = Vector::Ones(50);
  d[3] = 2;
  d[7] = 0;
  const ElasticNetSettings settings{.family = GlmFamily::logistic, .l1 = 1, .l2 = 0.2};
  ElasticNetSettings with_weights = settings;
  with_weights.weights = d;
  Matrix x(50, 8);
  Vector y(50);
  for (Eigen::Index i = 0; i < 50; ++i) {
    const Eigen::Index from = i == 7 ? 3 : i;
    x.row(i) = s.x.row(from);
    y[i] = s.y[from];
  }
  const ElasticNetProblem weighted(s.x, s.y, with_weights), doubled(x, y, settings);
  const CoordinateDescentOptions options{.tolerance = 1e-10};
  CHECK(
      (minimise(weighted, weighted.start(), options).x - minimise(doubled, doubled.start(), options).x).norm()
      < 1e-8);
}

TEST_CASE("Proximal gradient and coordinate descent agree on a logistic elastic net") {
  const Sample s = sample_of(GlmFamily::logistic, 60, 10);
  const ElasticNetProblem problem(s.x, s.y, {.family = GlmFamily::logistic, .l1 = 2, .l2 = 0.5});
  Matrix with_ones(60, 11);
  with_ones << s.x, Vector::Ones(60);
  const GlmObjective smooth(with_ones, s.y, {.family = GlmFamily::logistic});
  const Result a = minimise(problem, problem.start(), CoordinateDescentOptions{});
  const Result b =
      minimise(smooth, Vector::Zero(11), ProximalGradientOptions{.penalty = elastic_net_penalty(2, 0.5, 10)});
  CHECK((a.x - b.x).norm() < 1e-6);
  CHECK(a.value == Approx(b.value).epsilon(1e-10));
}

TEST_CASE("Bad input to the elastic net is named") {
  const Matrix x = Matrix::Ones(3, 2);
  const Vector y{{0.0, 1.0, 0.0}};
  const auto fails = [&](const ElasticNetSettings& settings, const Vector& target) {
    CHECK_THROWS_AS(ElasticNetProblem(x, target, settings), raphson::InputError);
  };
  fails({.l1 = -1}, y);
  fails({.l2 = std::numeric_limits<double>::infinity()}, y);
  fails({.weights = Vector::Ones(2)}, y);
  fails({.weights = Vector::Zero(3)}, y);
  fails({.family = GlmFamily::logistic}, Vector{{0.0, 0.5, 1.0}});
  fails({}, Vector::Ones(4));
  const ElasticNetProblem problem(x, y, {});
  CHECK_THROWS_AS(minimise(problem, Vector::Zero(2), CoordinateDescentOptions{}), raphson::InputError);
  const Vector ones = Vector::Ones(3);
  const ElasticNetProblem constant(x, ones, {.family = GlmFamily::logistic});
  CHECK_THROWS_AS(constant.start(), raphson::InputError);
}
