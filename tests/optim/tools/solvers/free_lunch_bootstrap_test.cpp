#include "tool_demo.h"

#include "dsp/error.h"
#include "optim/engine/finite_differences.h"
#include "optim/tools/solvers/free_lunch_bootstrap_demo.h"
#include "optim/tools/solvers/row_models.h"

#include <Eigen/Cholesky>
#include <Eigen/LU>

#include <cmath>

using namespace raphson::optim;
using namespace raphson::optim::tools;
using Catch::Matchers::Contains;
using Eigen::Index;

namespace {

struct Line {
  Matrix x;
  Vector y;
};

/// Intercept and two regressors; the noise grows with the first.
Line line(Index n, std::uint64_t seed = 1) {
  RandomStream random(seed, "free-lunch test");
  Line t{Matrix(n, 3), Vector(n)};
  for (Index i = 0; i < n; ++i) {
    t.x.row(i) << 1, random.normal(), random.normal();
    t.y[i] = 1 + t.x(i, 1) - t.x(i, 2) + std::abs(t.x(i, 1)) * random.normal();
  }
  return t;
}

Line coin_line(Index n, std::uint64_t seed = 1) {
  Line t = line(n, seed);
  RandomStream random(seed, "free-lunch coins");
  for (Index i = 0; i < n; ++i)
    t.y[i] = random.uniform() < glm_mean(GlmFamily::logistic, 0.3 + 0.8 * t.x(i, 1) - 0.5 * t.x(i, 2));
  return t;
}

FreeLunchOptions quick(int draws = 2000, double gamma = 0.3, Index batch = 0) {
  FreeLunchOptions o;
  o.draws = draws;
  o.gamma = gamma;
  o.batch = batch;
  return o;
}

/// Counts how often its derivatives are asked for and what the weights were.
struct Spy {
  RowObjective inner;
  std::vector<Vector> weights = {};
  RowObjective objective() {
    return {inner.rows, inner.parameters, inner.value,
            [this](const Vector& theta, const Vector& c, Vector& g, Matrix& h) {
              weights.push_back(c);
              return inner.derivatives(theta, c, g, h);
            }};
  }
};

Vector ols(const Line& t, const Vector& c) {
  const Matrix normal = t.x.transpose() * c.asDiagonal() * t.x;
  return normal.ldlt().solve(t.x.transpose() * c.cwiseProduct(t.y));
}

} // namespace

// Statement (1), which holds to rounding only if gradient and Hessian come from one and the same batch.
TEST_CASE(
    "For linear regression each draw is (1 - gamma) of the last and gamma of the batch's least squares") {
  const Line t = line(120);
  const GlmObjective glm(t.x, t.y, {.family = GlmFamily::linear});
  Spy spy{row_objective(glm)};
  FreeLunchOptions o = quick(300, 0.3, 60);
  o.burn_in = 0;
  const FreeLunchResult r = free_lunch_bootstrap(spy.objective(), Vector::Zero(3), o);
  const auto first = static_cast<std::size_t>(r.preliminary_evaluations);
  Vector theta = r.minimum;
  CHECK((theta - ols(t, Vector::Ones(120))).norm() < 1e-10);
  for (Index b = 0; b < 300; ++b) {
    theta = 0.7 * theta + 0.3 * ols(t, spy.weights[first + static_cast<std::size_t>(b)]);
    REQUIRE((theta - r.draws.row(b).transpose()).norm() < 1e-10);
  }
}

// Traps: a refit bootstrap behind the scenes; batches without replacement; one batch for ever.
TEST_CASE("A draw costs one evaluation, of a batch drawn with replacement and anew") {
  const Line t = coin_line(150);
  const GlmObjective glm(t.x, t.y, {});
  Spy spy{row_objective(glm)};
  const FreeLunchResult r = free_lunch_bootstrap(spy.objective(), Vector::Zero(3), quick(1000));
  CHECK(r.burn_in == std::ceil(std::log(0.001) / std::log(0.7)) + 10);
  CHECK(static_cast<int>(spy.weights.size()) == r.preliminary_evaluations + r.burn_in + 1000);
  CHECK(r.evaluations == static_cast<int>(spy.weights.size()));
  CHECK(r.preliminary_evaluations < 12);
  double variance = 0, covariance = 0;
  const std::size_t first = spy.weights.size() - 1000;
  for (std::size_t b = first; b < spy.weights.size(); ++b) {
    CHECK(spy.weights[b].sum() == 150);
    variance += (spy.weights[b].array() - 1).square().mean() / 1000;
    if (b > first)
      covariance += ((spy.weights[b].array() - 1) * (spy.weights[b - 1].array() - 1)).mean() / 1000;
  }
  CHECK(variance == Approx(1 - 1.0 / 150).margin(0.02));
  CHECK(std::abs(covariance) < 0.02);
}

// Statements (2) and (3): traps are a wrong factor, a decaying gamma and the raw variance.
TEST_CASE("The draws' autocorrelation is 1 - gamma and their scaled spread that of the sandwich") {
  const Line t = coin_line(400);
  const GlmObjective glm(t.x, t.y, {});
  const RowObjective rows = row_objective(glm);
  const Vector minimum = fit_rows(rows, Vector::Zero(3), Vector::Ones(400)).theta;
  const Vector sandwich = sandwich_standard_errors(rows, minimum, {});
  struct Cell {
    double gamma;
    Index batch;
  };
  for (const Cell& c : {Cell{1, 0}, Cell{0.5, 0}, Cell{0.2, 0}, Cell{0.3, 100}, Cell{0.3, 800}}) {
    INFO("gamma " << c.gamma << ", batch " << c.batch);
    const FreeLunchResult r = free_lunch_bootstrap(rows, Vector::Zero(3), quick(6000, c.gamma, c.batch));
    for (Index j = 0; j < 3; ++j) {
      CHECK(r.autocorrelation[j] == Approx(1 - c.gamma).margin(0.05));
      CHECK(r.standard_error[j] / sandwich[j] == Approx(1).margin(4 * r.se_error + 0.03));
    }
    CHECK((r.estimate - minimum).cwiseQuotient(sandwich).cwiseAbs().maxCoeff() < 0.25); // (5)
    const double m = static_cast<double>(c.batch == 0 ? 400 : c.batch);
    CHECK(r.scale == Approx(std::sqrt(m / 400 * (1 - (1 - c.gamma) * (1 - c.gamma)) / (c.gamma * c.gamma))));
    CHECK(r.effective_draws == Approx(6000 * c.gamma / (2 - c.gamma)));
    CHECK(r.warnings.size() == (c.batch == 800 ? 1u : 0u));
  }
}

TEST_CASE("At gamma 1 and a batch of n the factor is 1: the draws are the one-step bootstrap") {
  const Line t = line(80);
  const GlmObjective glm(t.x, t.y, {.family = GlmFamily::linear});
  const FreeLunchResult r = free_lunch_bootstrap(row_objective(glm), Vector::Zero(3), quick(2000, 1));
  CHECK(r.scale == Approx(1).epsilon(1e-15));
  CHECK(r.burn_in == 15);
  std::vector<double> sorted(r.draws.col(1).begin(), r.draws.col(1).end());
  std::sort(sorted.begin(), sorted.end());
  CHECK(r.low[1] == Approx(sorted[49] + 0.975 * (sorted[50] - sorted[49])).epsilon(1e-9)); // at 49.975
}

// Statement (4).
TEST_CASE("Linear standard errors are the heteroskedasticity-robust ones, not the classical") {
  const Line t = line(500);
  const GlmObjective glm(t.x, t.y, {.family = GlmFamily::linear});
  const RowObjective rows = row_objective(glm);
  const FreeLunchResult r = free_lunch_bootstrap(rows, Vector::Zero(3), quick(8000, 0.5));
  const Vector e = t.y - t.x * r.minimum;
  const Matrix bread = (t.x.transpose() * t.x).inverse();
  const Matrix meat = t.x.transpose() * e.cwiseAbs2().asDiagonal() * t.x;
  const Vector hc0 = (bread * meat * bread).diagonal().cwiseSqrt();
  const Vector classical = classical_standard_errors(rows, r.minimum, e.squaredNorm() / 497);
  CHECK((sandwich_standard_errors(rows, r.minimum, {}) - hc0).norm() < 1e-10);
  CHECK((classical - (e.squaredNorm() / 497 * bread.diagonal()).cwiseSqrt()).norm() < 1e-10);
  for (Index j = 0; j < 3; ++j) CHECK(r.standard_error[j] / hc0[j] == Approx(1).margin(0.06));
  CHECK(hc0[1] / classical[1] > 1.3);
}

TEST_CASE("Clusters and blocks are drawn whole") {
  std::vector<int> cluster(60);
  for (std::size_t i = 0; i < 60; ++i) cluster[i] = static_cast<int>(i % 12);
  Resampler clusters(60, {.cluster = cluster}, 1, "c");
  Vector weights, counts;
  clusters.draw(12, weights, counts);
  CHECK(clusters.units() == 12);
  CHECK(counts.sum() == 12);
  CHECK(weights.sum() == 60);
  for (Index i = 12; i < 60; ++i) CHECK(weights[i] == weights[i - 12]);
  CHECK(clusters.share(6) == 0.5);

  Resampler blocks(63, {.block = 5}, 1, "b");
  blocks.draw(13, weights, counts);
  CHECK(blocks.units() == 13);
  CHECK(weights.sum() == 65);
  CHECK(blocks.share(13) == Approx(65.0 / 63));
  CHECK(counts.size() == 59);
  const Matrix sums = blocks.unit_sums(Matrix::Ones(1, 63));
  CHECK(sums.cols() == 13);
  CHECK(sums(0, 12) == 3);
  // Every row is covered: a block starts anywhere.
  Vector seen = Vector::Zero(63);
  for (int k = 0; k < 200; ++k) {
    blocks.draw(13, weights, counts);
    seen += weights;
  }
  CHECK(seen.minCoeff() > 0);
}

// Every row stands five times: by rows the errors seem sqrt 5 too small; by clusters they are right.
TEST_CASE("Standard errors by cluster see through copied rows") {
  const Line t = line(60);
  Line copied{Matrix(300, 3), Vector(300)};
  ResamplingUnits units;
  for (Index i = 0; i < 300; ++i) {
    copied.x.row(i) = t.x.row(i / 5);
    copied.y[i] = t.y[i / 5];
    units.cluster.push_back(static_cast<int>(i / 5));
  }
  const GlmObjective single(t.x, t.y, {.family = GlmFamily::linear}),
      many(copied.x, copied.y, {.family = GlmFamily::linear});
  FreeLunchOptions o = quick(3000, 0.5);
  const FreeLunchResult plain = free_lunch_bootstrap(row_objective(single), Vector::Zero(3), o);
  o.units = units;
  const FreeLunchResult clustered = free_lunch_bootstrap(row_objective(many), Vector::Zero(3), o);
  CHECK((plain.draws - clustered.draws).cwiseAbs().maxCoeff() < 1e-9); // the same clusters are drawn
  CHECK((sandwich_standard_errors(row_objective(many), plain.minimum, units)
         - sandwich_standard_errors(row_objective(single), plain.minimum, {}))
            .norm()
        < 1e-9);
  o.units = {};
  CHECK(free_lunch_bootstrap(row_objective(many), Vector::Zero(3), o).standard_error[1]
        < 0.6 * clustered.standard_error[1]);
}

TEST_CASE("A cold run finds the minimum by itself") {
  const Line t = coin_line(300);
  const GlmObjective glm(t.x, t.y, {});
  const RowObjective rows = row_objective(glm);
  FreeLunchOptions o = quick(3000);
  o.cold = true;
  const FreeLunchResult cold = free_lunch_bootstrap(rows, Vector{{-2, 1.5, 2}}, o);
  CHECK(cold.minimum.size() == 0);
  CHECK(cold.preliminary_evaluations == 0);
  const Vector minimum = fit_rows(rows, Vector::Zero(3), Vector::Ones(300)).theta;
  CHECK((cold.estimate - minimum).cwiseQuotient(cold.standard_error).cwiseAbs().maxCoeff() < 0.3);
}

TEST_CASE("A bad Hessian is replaced by its eigenvalues' magnitudes, and counted") {
  Vector d;
  CHECK_FALSE(newton_direction(Matrix{{4, 1}, {1, 3}}, Vector{{1, 2}}, d));
  CHECK((Matrix{{4, 1}, {1, 3}} * d - Vector{{1, 2}}).norm() < 1e-14);
  CHECK(newton_direction(Matrix{{2, 0}, {0, -4}}, Vector{{2, 2}}, d));
  CHECK((d - Vector{{1, 0.5}}).norm() < 1e-14);
  CHECK(newton_direction(Matrix{{1, 0}, {0, 0}}, Vector{{1, 1e-8}}, d));
  CHECK((d - Vector{{1, 1}}).norm() < 1e-12);
  CHECK_FALSE(newton_direction(Matrix{{1, 0}, {0, 1e-11}}, Vector{{1, 1e-11}}, d)); // condition 1e11
  CHECK((d - Vector{{1, 1}}).norm() < 1e-9);

  // q_i = a_i (theta - z_i)^2 / 2 with a_i of 3 or -1: convex in the mean, not in every batch of ten.
  const auto curvature = [](Index i) { return i % 2 ? 3.0 : -1.0; };
  const auto off = [](const Vector& theta, Index i) { return theta[0] - 0.01 * static_cast<double>(i); };
  const auto value = [=](const Vector& theta, const Vector& c) {
    double sum = 0;
    for (Index i = 0; i < 40; ++i) sum += 0.5 * c[i] * curvature(i) * std::pow(off(theta, i), 2);
    return sum;
  };
  const RowObjective rows{40, 1, value, [=](const Vector& theta, const Vector& c, Vector& g, Matrix& h) {
                            g = Vector::Zero(1);
                            h = Matrix::Zero(1, 1);
                            for (Index i = 0; i < 40; ++i) {
                              g[0] += c[i] * curvature(i) * off(theta, i);
                              h(0, 0) += c[i] * curvature(i);
                            }
                            return value(theta, c);
                          }};
  const FreeLunchResult r = free_lunch_bootstrap(rows, Vector::Zero(1), quick(1000, 0.3, 10));
  CHECK(r.treated > 10); // a batch of ten is concave with probability 5%
  CHECK(r.treated < 120);
  CHECK_THAT(r.warnings.back(), Contains("not to be trusted"));
}

TEST_CASE("A formula's derivatives are those of its sum of squares") {
  const Line t = line(25);
  const FormulaModel model(Expression("a*exp(-b*x)+c*z"), {"one", "x", "z"}, t.x, t.y);
  CHECK(model.parameters() == std::vector<std::string>{"a", "b", "c"});
  const RowObjective rows = model.objective();
  const Vector weights = Vector::LinSpaced(25, 0, 2), theta{{0.9, 0.4, -0.7}};
  struct F {
    const RowObjective& f;
    const Vector& c;
    double value(const Vector& p) const { return f.value(p, c); }
    double value_and_gradient(const Vector& p, Vector& g) const {
      Matrix h;
      return f.derivatives(p, c, g, h);
    }
  } f{rows, weights};
  Vector g;
  Matrix h;
  CHECK(rows.derivatives(theta, weights, g, h) == Approx(f.value(theta)).epsilon(1e-13));
  CHECK((g - finite_difference_gradient(f, theta)).norm() < 1e-6 * g.norm());
  CHECK((h - finite_difference_hessian(f, theta)).norm() < 1e-6 * h.norm());
}

TEST_CASE("Least squares by a formula is linear regression where the formula is a line") {
  const Line t = line(100);
  const FormulaModel model(Expression("k0 + k1*u + k2*v"), {"one", "u", "v"}, t.x, t.y);
  const GlmObjective glm(t.x, t.y, {.family = GlmFamily::linear});
  const FreeLunchResult formula = free_lunch_bootstrap(model.objective(), Vector::Zero(3), quick(500));
  const FreeLunchResult linear = free_lunch_bootstrap(row_objective(glm), Vector::Zero(3), quick(500));
  CHECK((formula.draws - linear.draws).norm() < 1e-8);
}

TEST_CASE("The free-lunch bootstrap says what is wrong with its input") {
  const Line t = line(60);
  const GlmObjective glm(t.x, t.y, {.family = GlmFamily::linear});
  const RowObjective rows = row_objective(glm);
  const auto run = [&](FreeLunchOptions o) { free_lunch_bootstrap(rows, Vector::Zero(3), o); };
  CHECK_THROWS_WITH(run(quick(500, 0)), Contains("--gamma"));
  CHECK_THROWS_WITH(run(quick(500, 1.1)), Contains("--gamma"));
  CHECK_THROWS_WITH(run(quick(500, 0.3, 14)), Contains("--batch: 14") && Contains("five"));
  CHECK_THROWS_WITH(run(quick(199)), Contains("--draws: 199"));
  FreeLunchOptions o = quick();
  o.units.cluster.assign(60, 0);
  for (std::size_t i = 0; i < 60; ++i) o.units.cluster[i] = static_cast<int>(i % 9);
  CHECK_THROWS_WITH(run(o), Contains("--cluster: 9 clusters"));
  o.units.block = 5;
  CHECK_THROWS_WITH(run(o), Contains("does not go with --cluster"));
  o.units.cluster.clear();
  o.units.block = 7;
  CHECK_THROWS_WITH(run(o), Contains("--block: 9 blocks"));
  CHECK(free_lunch_bootstrap(rows, Vector::Zero(3), quick(200, 0.3, 16)).warnings.size() == 1); // < 3 sqrt n

  Matrix x = t.x;
  x.col(2) = 2 * x.col(1) - x.col(0);
  CHECK_THROWS_WITH(check_collinear(x, {"intercept", "age", "years"}),
                    Contains("intercept, age and years") && Contains("collinear"));
  x.col(2).setZero();
  CHECK_THROWS_WITH(check_collinear(x, {"intercept", "age", "none"}), Contains("'none' is 0 throughout"));
  check_collinear(t.x, {"a", "b", "c"});

  Vector y(60);
  for (Index i = 0; i < 60; ++i) y[i] = t.x(i, 2) > 0.3;
  const auto newton = [&] {
    const GlmObjective logit(t.x, y, {});
    return fit_rows(row_objective(logit), Vector::Zero(3), Vector::Ones(60)).theta;
  };
  CHECK_THROWS_WITH(check_separated(t.x, y, newton(), {"intercept", "a", "b"}),
                    Contains("'b' separates the two classes"));
  for (Index i = 0; i < 60; ++i) y[i] = t.x(i, 1) + t.x(i, 2) > 0;
  CHECK_THROWS_WITH(check_separated(t.x, y, newton(), {"intercept", "a", "b"}),
                    Contains("a and b") && Contains("together separate"));
  const Line fine = coin_line(60);
  const GlmObjective logit(fine.x, fine.y, {});
  check_separated(fine.x, fine.y, fit_rows(row_objective(logit), Vector::Zero(3), Vector::Ones(60)).theta,
                  {"intercept", "a", "b"});

  CHECK_THROWS_WITH(FormulaModel(Expression("x*z"), {"x", "z"}, t.x.rightCols(2), t.y),
                    Contains("no parameters"));
  CHECK_THROWS_WITH(FormulaModel(Expression("a+b+c+d+e+f+g+h+i"), {"x"}, t.x.leftCols(1), t.y),
                    Contains("at most 8"));
  const FormulaModel flat(Expression("(a+b)*x"), {"x"}, t.x.col(1), t.y);
  Vector g;
  Matrix h;
  flat.objective().derivatives(Vector{{0.3, 0.4}}, Vector::Ones(60), g, h);
  CHECK_THROWS_WITH(check_identified(h, flat.parameters()),
                    Contains("0.71 a - 0.71 b") || Contains("-0.71 a + 0.71 b"));
}

TEST_CASE("The brief experiment of free-lunch-bootstrap holds what it claims") {
  check_claims(free_lunch_bootstrap_demo({.brief = true}));
}
