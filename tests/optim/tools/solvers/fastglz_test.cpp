#include "tool_demo.h"

#include "dsp/error.h"
#include "optim/engine/newton.h"
#include "optim/engine/random.h"
#include "optim/tools/solvers/fastglz_demo.h"
#include "optim/tools/solvers/fastglz_uses.h"

#include <Eigen/Cholesky>

#include <cmath>
#include <numeric>

using namespace raphson::optim;
using namespace raphson::optim::tools;
using Catch::Matchers::Contains;
using Eigen::Index;

namespace {

struct Sample {
  Matrix x;
  Vector y;
};

Sample sample(GlmFamily family, Index n, Index p, std::uint64_t seed = 1) {
  RandomStream random(seed, "fastglz test");
  Sample s{Matrix(n, p), Vector(n)};
  for (double& entry : s.x.reshaped()) entry = random.normal();
  for (Index i = 0; i < n; ++i) {
    const double eta = s.x(i, 0) - 0.8 * s.x(i, 1) + 0.5;
    if (family == GlmFamily::linear) s.y[i] = eta + random.normal();
    if (family == GlmFamily::logistic) s.y[i] = random.uniform() < glm_mean(family, eta);
    if (family == GlmFamily::poisson) s.y[i] = std::floor(glm_mean(family, 0.6 * eta) + random.uniform());
  }
  s.x = standardise(s.x, "sample").x;
  return s;
}

GlmProblems problems(const Sample& s, GlmFamily family, const Matrix& weights, double l1, double l2) {
  const double scale = largest_l1(s.x, s.y);
  return {family, s.y, weights, Vector::Constant(weights.cols(), l1 * scale),
          Vector::Constant(weights.cols(), l2 * scale)};
}

Matrix resampling_weights(Index n, Index count, std::uint64_t seed = 2) {
  RandomStream random(seed, "weights");
  Matrix weights = Matrix::Zero(n, count);
  for (Index k = 0; k < count; ++k)
    for (Index i = 0; i < n; ++i)
      weights(static_cast<Index>(random.index(static_cast<std::size_t>(n))), k) += 1;
  return weights;
}

/// Optimality as the definition of F has it; weighted errors enter the intercept's condition, too.
double kkt(const Matrix& x, const GlmProblems& p, const FastglzResult& r, Index k) {
  const Vector w = r.coefficients.col(k), eta = (x * w).array() + r.intercepts[k];
  Vector error(eta.size());
  for (Index i = 0; i < eta.size(); ++i)
    error[i] = p.weights(i, k) * (glm_mean(p.family, eta[i]) - p.label(k)[i]);
  const Vector g = x.transpose() * error + p.l2[k] * w;
  double worst = std::abs(error.sum());
  for (Index j = 0; j < w.size(); ++j)
    worst = std::max(worst,
                     w[j] == 0 ? std::abs(g[j]) - p.l1[k] : std::abs(g[j] + (w[j] > 0 ? p.l1[k] : -p.l1[k])));
  return worst;
}

FastglzOptions strict() {
  FastglzOptions options;
  options.kkt_tolerance = 1e-7;
  options.newton_steps = 400;
  return options;
}

} // namespace

TEST_CASE("FaSTGLZ meets the optimality conditions of every family's weighted problems, in exact zeros") {
  for (const GlmFamily family : {GlmFamily::linear, GlmFamily::logistic, GlmFamily::poisson}) {
    INFO(name_of(family));
    const Sample s = sample(family, 50, 120);
    const GlmProblems p = problems(s, family, resampling_weights(50, 12), 0.3, 0.05);
    const FastglzResult r = fastglz(s.x, p);
    CHECK(r.all_converged());
    for (Index k = 0; k < 12; ++k) {
      CHECK(kkt(s.x, p, r, k) <= 1.01e-4 * p.l1[k]);
      CHECK(r.kkt[k] == Approx(kkt(s.x, p, r, k)).margin(1e-9));
      const auto zeros = (r.coefficients.col(k).array() == 0).count();
      CHECK(zeros > 60);
      CHECK(zeros < 120);
    }
  }
}

// Trap: a loop over problems. Every iteration of the slowest problem is a product for all of them.
TEST_CASE("FaSTGLZ multiplies by X for all problems at once and forms X X^T once") {
  const Sample s = sample(GlmFamily::logistic, 40, 90);
  const GlmProblems p = problems(s, GlmFamily::logistic, resampling_weights(40, 30), 0.2, 0.05);
  const FastglzResult r = fastglz(s.x, p);
  long alone = 0, slowest = 0;
  for (Index k = 0; k < 30; ++k) {
    GlmProblems one = p;
    one.weights = p.weights.col(k);
    one.l1 = p.l1.segment(k, 1);
    one.l2 = p.l2.segment(k, 1);
    const FastglzResult single = fastglz(s.x, one);
    CHECK((single.coefficients - r.coefficients.col(k)).norm() < 1e-9);
    alone += single.work.products;
    slowest = std::max(slowest, single.work.products);
  }
  CHECK(r.work.gram_matrices == 1);
  CHECK(r.work.columns == alone); // done problems leave: no product is wasted on them
  CHECK(10 * r.work.products < alone);
  CHECK(r.work.products <= 2 * slowest);

  FastglzOptions small; // three groups
  small.memory_bytes = 8.0 * (4 * 90 + 4 * 40 + 40 * 40) * 12;
  const FastglzResult grouped = fastglz(s.x, p, small);
  CHECK(grouped.work.groups == 3);
  CHECK(grouped.work.gram_matrices == 1);
  CHECK((grouped.coefficients - r.coefficients).norm() < 1e-9);
  FastglzOptions threads;
  threads.threads = 3;
  CHECK(fastglz(s.x, p, threads).coefficients == r.coefficients);
}

TEST_CASE("Gaussian permutations share one Cholesky factor") {
  const Sample s = sample(GlmFamily::linear, 30, 60);
  GlmProblems p = problems(s, GlmFamily::linear, Matrix::Ones(30, 20), 0.3, 0.05);
  RandomStream random(1, "order");
  p.labels.resize(30, 20);
  for (Index k = 0; k < 20; ++k) {
    Vector y = s.y;
    random.shuffle(y);
    p.labels.col(k) = y;
  }
  CHECK(fastglz(s.x, p).work.choleskys == 1);
}

// Trap: weights as sqrt d in X and y that miss the intercept or the curvature.
TEST_CASE("A row of weight 2 is a row that stands twice, one of weight 0 a row that does not stand") {
  for (const GlmFamily family : {GlmFamily::linear, GlmFamily::logistic, GlmFamily::poisson}) {
    INFO(name_of(family));
    const Sample s = sample(family, 40, 70);
    Matrix weights(40, 1);
    std::vector<Index> copies;
    for (Index i = 0; i < 40; ++i) {
      weights(i, 0) = static_cast<double>(i % 3);
      for (Index c = 0; c < i % 3; ++c) copies.push_back(i);
    }
    const GlmProblems p = problems(s, family, weights, 0.2, 0.05);
    GlmProblems copied = p;
    copied.labels = s.y(copies);
    copied.weights = Matrix::Ones(static_cast<Index>(copies.size()), 1);
    const FastglzResult a = fastglz(s.x, p, strict());
    const FastglzResult b = fastglz(s.x(copies, Eigen::all), copied, strict()); // with the same scaling
    CHECK((a.coefficients - b.coefficients).norm() < 1e-5);
    CHECK(a.intercepts[0] == Approx(b.intercepts[0]).margin(1e-5));
  }
}

// Trap: convergence judged on w alone, which is 0 from the start here. 52 ones in 120 rows of 0/1 weights and
// counts: the intercept is the logit of their weighted mean.
TEST_CASE("From the largest l1 on all coefficients are zero and the intercept is the link of the mean") {
  RandomStream random(5, "threshold");
  Sample s{Matrix(120, 200), Vector(120)};
  for (double& entry : s.x.reshaped()) entry = random.normal();
  s.x = standardise(s.x, "sample").x;
  for (Index i = 0; i < 120; ++i) s.y[i] = i < 52;
  const double l1 = largest_l1(s.x, s.y);
  const GlmProblems all{GlmFamily::logistic, s.y, Matrix::Ones(120, 1), Vector{{1.0001 * l1}}, Vector{{1.0}}};
  const FastglzResult zero = fastglz(s.x, all);
  CHECK(zero.coefficients.isZero(0));
  CHECK(zero.intercepts[0] == Approx(std::log(52.0 / 68)).margin(1e-6)); // -0.26826
  GlmProblems less = all;
  less.l1[0] = 0.98 * l1;
  const FastglzResult some = fastglz(s.x, less);
  CHECK((some.coefficients.array() != 0).count() >= 1);

  // weighted: the threshold of a problem of its own
  const Matrix weights = resampling_weights(120, 1);
  const double mean = weights.col(0).dot(s.y) / weights.sum();
  const Vector slope = s.x.transpose() * weights.col(0).cwiseProduct((s.y.array() - mean).matrix());
  for (const double factor : {1.001, 0.98}) {
    const GlmProblems weighted{GlmFamily::logistic, s.y, weights,
                               Vector{{factor * slope.lpNorm<Eigen::Infinity>()}}, Vector{{0.5}}};
    const FastglzResult r = fastglz(s.x, weighted);
    CHECK(r.coefficients.isZero(0) == (factor > 1));
    if (factor > 1) CHECK(r.intercepts[0] == Approx(std::log(mean / (1 - mean))).margin(1e-6));
  }
}

TEST_CASE("Without l1 it is ridge regression, by its normal equations, and ridge logistic by Newton") {
  const Sample s = sample(GlmFamily::linear, 30, 60);
  const GlmProblems p{GlmFamily::linear, s.y, Matrix::Ones(30, 1), Vector{{0.0}}, Vector{{7.0}}};
  const FastglzResult r = fastglz(s.x, p, strict());
  CHECK(r.all_converged());
  const Matrix normal = s.x.transpose() * s.x + 7.0 * Matrix::Identity(60, 60); // x is centred
  CHECK((r.coefficients.col(0) - normal.ldlt().solve(s.x.transpose() * s.y)).norm() < 1e-5);
  CHECK(r.intercepts[0] == Approx(s.y.mean()).margin(1e-7));

  const Sample l = sample(GlmFamily::logistic, 40, 5);
  const GlmProblems q{GlmFamily::logistic, l.y, Matrix::Ones(40, 1), Vector{{0.0}}, Vector{{2.0}}};
  struct Ridge { // with the intercept last and free
    GlmObjective f;
    double value(const Vector& t) const { return f.value(t) + t.head(5).squaredNorm(); }
    double value_gradient_and_hessian(const Vector& t, Vector& g, Matrix& h) const {
      const double v = f.value_gradient_and_hessian(t, g, h);
      g.head(5) += 2 * t.head(5);
      h.diagonal().head(5).array() += 2;
      return v + t.head(5).squaredNorm();
    }
  };
  Matrix with_ones(40, 6);
  with_ones << l.x, Vector::Ones(40);
  const Result newton = minimise(Ridge{GlmObjective(with_ones, l.y, {})}, Vector::Zero(6), NewtonOptions{});
  const FastglzResult fit = fastglz(l.x, q, strict());
  CHECK((fit.coefficients.col(0) - newton.x.head(5)).norm() < 1e-5);
  CHECK(fit.intercepts[0] == Approx(newton.x[5]).margin(1e-5));
}

TEST_CASE("Standardised columns have mean 0 and deviation 1, constant ones are left out") {
  Matrix table(4, 3);
  table << 1, 5, 2, 2, 5, 4, 3, 5, 6, 4, 5, 9;
  const StandardisedColumns s = standardise(table, "table.csv");
  CHECK(s.kept == std::vector<Index>{0, 2});
  CHECK(s.constant == std::vector<Index>{1});
  CHECK(s.x.colwise().mean().norm() < 1e-14);
  CHECK((s.x.colwise().squaredNorm().array() / 4 - 1).matrix().norm() < 1e-14);
  CHECK(s.x(0, 1) * s.deviation[1] + s.mean[1] == Approx(2));
  table(2, 1) = NAN;
  CHECK_THROWS_WITH(standardise(table, "table.csv"), Contains("table.csv: row 3 of column 2"));
  CHECK_THROWS_WITH(standardise(Matrix::Ones(3, 2), "table.csv"), Contains("no column varies"));
}

TEST_CASE("Rows of a group stay together in resamples and folds; permutations stay within their sets") {
  const Sample s = sample(GlmFamily::logistic, 60, 20);
  SparseGlmData data{s.x, s.y, GlmFamily::logistic, {}, {}};
  for (int i = 0; i < 60; ++i) data.groups.push_back(i / 4);
  const BootstrapSummary boot = sparse_bootstrap(data, {}, 10, 1);
  for (Index k = 0; k < 10; ++k) {
    CHECK(boot.problems.weights.col(k).sum() == 60);
    for (Index i = 0; i < 60; ++i) CHECK(boot.problems.weights(i, k) == boot.problems.weights(i / 4 * 4, k));
  }
  CHECK(boot.frequency[0] > 0.8); // of the true columns
  CHECK(boot.frequency[1] > 0.8);
  CHECK(boot.low[0] <= boot.mean[0]);
  CHECK(boot.mean[0] <= boot.high[0]);

  // Every set of exchangeable rows has one class: no permutation changes a label, and all scores are alike.
  data.groups.clear();
  for (Index i = 0; i < 60; ++i) data.exchange.push_back(static_cast<int>(s.y[i]));
  const PermutationTest fixed = sparse_permutation_test(data, {{}}, 5, 4, 1);
  for (const double score : fixed.permuted_scores) CHECK(score == fixed.true_score);
  CHECK(fixed.p_value == 1); // trap: with the + 1 above and below
}

TEST_CASE("A permutation test counts the true labelling among its permutations") {
  const Sample s = sample(GlmFamily::logistic, 200, 10);
  const PermutationTest t = sparse_permutation_test({s.x, s.y, GlmFamily::logistic, {}, {}}, {{}}, 4, 9, 1);
  const auto as_good = std::count_if(t.permuted_scores.begin(), t.permuted_scores.end(),
                                     [&](double score) { return score >= t.true_score; });
  CHECK(as_good == 0);
  CHECK(t.p_value == Approx(0.1));
}

// Trap: tuning on the folds for the true labels alone. With two points each labelling takes its better one,
// so that no score is below the one it has with either point by itself.
TEST_CASE("The grid is chosen from anew for every permutation") {
  Sample s = sample(GlmFamily::logistic, 60, 30);
  RandomStream random(3, "labels");
  for (Index i = 0; i < 60; ++i) s.y[i] = i < 30;
  random.shuffle(s.y);
  const SparseGlmData data{s.x, s.y, GlmFamily::logistic, {}, {}};
  const PenaltyFractions light{0.05, 0.05}, heavy{0.6, 0.05};
  const auto test = [&](std::vector<PenaltyFractions> grid) {
    return sparse_permutation_test(data, grid, 5, 15, 4);
  };
  const PermutationTest both = test({light, heavy}), a = test({light}), b = test({heavy});
  bool differs = false;
  for (std::size_t k = 0; k < 15; ++k) {
    CHECK(both.permuted_scores[k] == std::max(a.permuted_scores[k], b.permuted_scores[k]));
    differs |= a.permuted_scores[k] > b.permuted_scores[k];
  }
  CHECK(differs);
  CHECK(both.true_score == std::max(a.true_score, b.true_score));
}

TEST_CASE("Cross-validation scores each row by a model that has not seen it") {
  const Sample s = sample(GlmFamily::linear, 40, 8);
  const SparseGlmData data{s.x, s.y, GlmFamily::linear, {}, {}};
  const CrossValidation cv =
      sparse_cross_validation(data, {{0, 0.01}, {0.2, 0.01}, {1.2, 0.01}}, 40, 1, strict());
  // Leave-one-out of ridge regression in closed form: e_i / (1 - H_ii), H with the free intercept.
  const double l2 = 0.01 * largest_l1(s.x, s.y);
  Matrix ones(40, 9);
  ones << Vector::Ones(40), s.x;
  Matrix normal = ones.transpose() * ones;
  normal.diagonal().tail(8).array() += l2;
  const Matrix hat = ones * normal.ldlt().solve(ones.transpose());
  const Vector e = (s.y - hat * s.y).array() / (1 - hat.diagonal().array());
  CHECK(cv.deviance[0] == Approx(e.squaredNorm() / 40).epsilon(1e-4));
  CHECK(cv.best != 2);
  CHECK(cv.one_standard_error >= cv.best);
  CHECK(cv.deviance[cv.one_standard_error] <= cv.deviance[cv.best] + cv.deviance_error[cv.best]);
}

TEST_CASE("FaSTGLZ says what is wrong with its input") {
  const Sample s = sample(GlmFamily::logistic, 20, 5);
  const GlmProblems good = problems(s, GlmFamily::logistic, Matrix::Ones(20, 2), 0.2, 0.1);
  const auto with = [&](auto change) {
    GlmProblems bad = good;
    change(bad);
    return [&s, bad] { fastglz(s.x, bad); };
  };
  CHECK_THROWS_WITH(with([](GlmProblems& p) { p.labels(3, 0) = 2; })(), Contains("row 4"));
  CHECK_THROWS_WITH(with([](GlmProblems& p) { p.l1[1] = -1; })(), Contains("problem 2 has the penalty -1"));
  CHECK_THROWS_WITH(with([](GlmProblems& p) { p.weights(0, 0) = -1; })(), Contains("negative weight"));
  CHECK_THROWS_WITH(with([](GlmProblems& p) { p.labels.setOnes(); })(), Contains("one class only"));
  CHECK_THROWS_WITH(with([](GlmProblems& p) { p.weights.col(0).setZero(); })(), Contains("problem 1"));
  CHECK_THROWS_WITH(with([](GlmProblems& p) { p.weights.conservativeResize(19, 2); })(),
                    Contains("row for each"));
  CHECK_THROWS_WITH(with([](GlmProblems& p) {
                      p.family = GlmFamily::poisson;
                      p.labels(0, 0) = 0.5;
                    })(),
                    Contains("counts"));
  CHECK_THROWS_WITH(with([](GlmProblems& p) { p.family = GlmFamily::probit; })(), Contains("probit"));
  FastglzOptions tiny;
  tiny.memory_bytes = 1000;
  CHECK_THROWS_WITH(fastglz(s.x, good, tiny), Contains("fewer rows or more memory"));

  SparseGlmData data{s.x, s.y, GlmFamily::logistic, {}, {}};
  CHECK_THROWS_WITH(sparse_cross_validation(data, {{}}, 21, 1), Contains("--folds"));
  CHECK_THROWS_WITH(sparse_cross_validation(data, {{-0.1, 0}}, 5, 1), Contains("--l1"));
  CHECK_THROWS_WITH(sparse_bootstrap(data, {}, 0, 1), Contains("--resamples"));
  CHECK_THROWS_WITH(sparse_permutation_test(data, {{}}, 5, 0, 1), Contains("--perms"));
  data.y.setZero();
  data.y[0] = 1;
  CHECK_THROWS_WITH(sparse_cross_validation(data, {{}}, 5, 1), Contains("a class has 1 rows"));
  data.groups = std::vector<int>(20, 0);
  for (int i = 10; i < 20; ++i) data.groups[static_cast<std::size_t>(i)] = 1;
  data.y = Vector::Zero(20);
  data.y.tail(10).setOnes(); // each group one class
  CHECK_THROWS_WITH(sparse_cross_validation(data, {{}}, 2, 1), Contains("one class alone"));
}

TEST_CASE("The brief experiment of fastglz holds what it claims") {
  check_claims(fastglz_demo({.brief = true}));
}
