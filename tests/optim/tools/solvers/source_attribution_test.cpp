#include "optim/tools/solvers/source_attribution.h"

#include "catch.h"
#include "dsp/error.h"
#include "optim/engine/random.h"
#include "optim/tools/solvers/source_attribution_demo.h"
#include "tool_demo.h"

#include <Eigen/Dense>

#include <cmath>
#include <numeric>

using namespace raphson;
using namespace raphson::optim;
using namespace raphson::optim::tools;
using Catch::Matchers::Contains;
using data::RowMatrix;

namespace {

nn::RowNumbers range(std::size_t from, std::size_t to) {
  nn::RowNumbers rows(to - from);
  std::iota(rows.begin(), rows.end(), from);
  return rows;
}

// Linear regression by full-batch gradient descent through stages, which can be differentiated as a whole.
struct LinearRun {
  struct Stage {
    nn::RowNumbers pool;
    double rate;
    int steps;
  };
  Matrix x;
  Vector y;
  std::vector<Stage> stages;
  Vector start;
  double decay = 0, momentum = 0;
  Vector preconditioner;

  // One row's loss gets the weight 1 + epsilon.
  Vector run(Index row, double epsilon) const {
    Vector theta = start, velocity = Vector::Zero(start.size());
    for (const Stage& stage : stages) {
      for (int step = 0; step < stage.steps; ++step) {
        Vector g = decay * theta;
        for (const std::size_t i : stage.pool) {
          const auto at = static_cast<Index>(i);
          const double weight = at == row ? 1 + epsilon : 1;
          g += weight * (x.row(at).dot(theta) - y[at]) * x.row(at).transpose() / double(stage.pool.size());
        }
        if (preconditioner.size() > 0) g = preconditioner.cwiseProduct(g);
        velocity = momentum * velocity + g;
        theta -= stage.rate * velocity;
      }
    }
    return theta;
  }
  // What removal changes, to first order, by central differences of the whole run: [parameter][row].
  RowMatrix unrolled() const {
    RowMatrix result(start.size(), x.rows());
    for (Index row = 0; row < x.rows(); ++row) result.col(row) = -(run(row, 1e-4) - run(row, -1e-4)) / 2e-4;
    return result;
  }
  Matrix curvature(const nn::RowNumbers& pool) const {
    Matrix h = Matrix::Zero(x.cols(), x.cols());
    for (const std::size_t i : pool)
      h += x.row(static_cast<Index>(i)).transpose() * x.row(static_cast<Index>(i)) / double(pool.size());
    return h;
  }
  std::vector<Segment> segments(const Vector& theta) const {
    std::vector<Segment> result;
    for (const Stage& stage : stages) {
      Matrix h = curvature(stage.pool);
      if (preconditioner.size() > 0) {
        const Vector root = preconditioner.cwiseSqrt();
        h = (root.asDiagonal() * h * root.asDiagonal()).eval();
      }
      result.push_back({.time = stage.rate * stage.steps / (1 - momentum),
                        .weight_decay = decay,
                        .pool = stage.pool,
                        .curvature = std::make_shared<FullCurvature>(h),
                        .gradients =
                            [this, theta](std::span<const std::size_t> rows) {
                              RowMatrix g(std::ssize(rows), x.cols());
                              for (std::size_t i = 0; i < rows.size(); ++i) {
                                const auto at = static_cast<Index>(rows[i]);
                                g.row(static_cast<Index>(i)) = (x.row(at).dot(theta) - y[at]) * x.row(at);
                              }
                              return g;
                            },
                        .preconditioner = preconditioner});
    }
    return result;
  }
  RowMatrix scores(const Vector& theta) const { // of each parameter as a query
    return source_scores(RowMatrix::Identity(x.cols(), x.cols()), segments(theta),
                         static_cast<std::size_t>(x.rows()));
  }
};

LinearRun at_its_solution(double decay = 0) {
  LinearRun run;
  RandomStream random(5, "SOURCE test");
  run.x = Matrix::NullaryExpr(8, 3, [&] { return random.normal(); });
  run.y = Vector::NullaryExpr(8, [&] { return random.normal(); });
  run.decay = decay;
  const Matrix h = run.curvature(range(0, 8)) + decay * Matrix::Identity(3, 3);
  run.start = h.llt().solve(run.x.transpose() * run.y / 8);
  return run;
}

double largest_eigenvalue(const Matrix& h) {
  return Eigen::SelfAdjointEigenSolver<Matrix>(h).eigenvalues().maxCoeff();
}

double error(const RowMatrix& got, const RowMatrix& expected) {
  return (got - expected).norm() / expected.norm();
}

// Two segments of the same time whatever the rate.
LinearRun in_two_segments(LinearRun run, double eta_sigma) {
  const double eta = eta_sigma / largest_eigenvalue(run.curvature(range(0, 8)));
  const int steps = static_cast<int>(std::lround(1.2 / eta_sigma));
  run.stages = {{range(0, 8), eta, steps}, {range(0, 8), eta / 3, steps}};
  return run;
}

} // namespace

TEST_CASE("SOURCE: F is exact at and near 0, the inverse for long times, the time for short ones") {
  CHECK(accumulated_decay(1e-14, 3.0) == Approx(3).epsilon(1e-6));
  CHECK(accumulated_decay(0, 3.0) == 3);
  CHECK(accumulated_decay(0.5, 1e4) == Approx(2).epsilon(1e-12));
  CHECK(accumulated_decay(0.5, 1e-9) == Approx(1e-9).epsilon(1e-8));
  CHECK(accumulated_decay(2, 0.5) == Approx((1 - std::exp(-1)) / 2).epsilon(1e-14));
}

TEST_CASE("SOURCE: the derivative of the whole run by a row's weight, to the order of the rate") {
  const LinearRun plain = at_its_solution();
  const LinearRun coarse = in_two_segments(plain, 0.02), fine = in_two_segments(plain, 0.01);
  const double at_coarse = error(coarse.scores(plain.start), coarse.unrolled());
  const double at_fine = error(fine.scores(plain.start), fine.unrolled());
  CHECK(at_coarse < 0.01);
  CHECK(at_fine / at_coarse == Approx(0.5).margin(0.1));
  // A segment's decay on its own contributions would be far off.
  auto wrong = coarse.segments(plain.start);
  RowMatrix tau = RowMatrix::Zero(3, 8), g = RowMatrix::Identity(3, 3);
  for (std::size_t l = 2; l > 0; --l) {
    const double t = wrong[l - 1].time;
    g = wrong[l - 1].curvature->apply(g, [&](double s) { return std::exp(-t * s); });
    Segment only = wrong[l - 1];
    tau += source_scores(g, std::span(&only, 1), 8);
  }
  CHECK(error(tau, coarse.unrolled()) > 0.2);
}

TEST_CASE("SOURCE: the same with weight decay, with momentum, and with a rule that scales coordinates") {
  const LinearRun decayed = in_two_segments(at_its_solution(0.3), 0.02);
  CHECK(error(decayed.scores(decayed.start), decayed.unrolled()) < 0.015);
  LinearRun heavy = in_two_segments(at_its_solution(), 0.01);
  heavy.momentum = 0.5;
  for (auto& stage : heavy.stages) stage.steps *= 4;
  CHECK(error(heavy.scores(heavy.start), heavy.unrolled()) < 0.03);
  LinearRun scaled = in_two_segments(at_its_solution(), 0.01);
  scaled.preconditioner = Vector{{0.3, 2, 1}};
  CHECK(error(scaled.scores(scaled.start), scaled.unrolled()) < 0.02);
  scaled.preconditioner.setOnes();
  CHECK(error(scaled.scores(scaled.start), in_two_segments(at_its_solution(), 0.01).scores(scaled.start))
        < 1e-12);
}

TEST_CASE("SOURCE: influence functions for long runs, the product of gradients for short ones") {
  LinearRun run = at_its_solution();
  const auto gradients = run.segments(run.start);
  run.stages = {{range(0, 8), 1, 1000000}};
  const RowMatrix g = run.segments(run.start)[0].gradients(range(0, 8));
  const RowMatrix influence = (run.curvature(range(0, 8)).inverse() * g.transpose() / 8);
  CHECK(error(run.scores(run.start), influence) < 1e-10);
  run.stages = {{range(0, 8), 1e-7, 1}};
  CHECK(error(run.scores(run.start), RowMatrix(1e-7 / 8 * g.transpose())) < 1e-5);
  // In between it is neither: a damped inverse whose damping is 1 / (eta K).
  run.stages = {{range(0, 8), 0.01, 100}};
  CHECK(error(run.scores(run.start), influence) > 0.2);
}

TEST_CASE("SOURCE: a long second stage forgets the first, not the other way round, and counts its own rows") {
  LinearRun run = at_its_solution();
  const auto with = [&](int first, int second) {
    run.stages = {{range(0, 4), 0.05, first}, {range(4, 8), 0.05, second}};
    return run.scores(run.start);
  };
  const RowMatrix late = with(100, 100000), early = with(100000, 100);
  CHECK(late.leftCols(4).norm() < 1e-6 * late.rightCols(4).norm());
  CHECK(early.leftCols(4).norm() > 0.01 * early.rightCols(4).norm());
  CHECK(early.rightCols(4).norm() > 0);
  // 1 / N_l: a pool of half the rows with the same curvature and gradients counts each row twice.
  run.stages = {{range(0, 8), 0.05, 50}};
  auto segments = run.segments(run.start);
  const RowMatrix q = RowMatrix::Identity(3, 3), all = source_scores(q, segments, 8);
  segments[0].pool = range(0, 4);
  const RowMatrix half = source_scores(q, segments, 8);
  CHECK((half.leftCols(4) - 2 * all.leftCols(4)).norm() < 1e-14 * all.norm());
  CHECK(half.rightCols(4).norm() == 0);
}

TEST_CASE("SOURCE: a run's segments have its times, pools and checkpoints") {
  const std::vector<nn::TrainingStage> one{{range(0, 9), 90}}, two{{range(0, 5), 40}, {range(5, 9), 20}};
  const SegmentPlan plan = plan_segments(one, 0, 6);
  REQUIRE(plan.pieces.size() == 3);
  CHECK(plan.checkpoints() == std::vector<std::int64_t>{7, 22, 37, 52, 67, 82});
  const SegmentPlan staged = plan_segments(two, 0, 6);
  REQUIRE(staged.pieces.size() == 2);
  CHECK(staged.pieces[1].steps == 20);
  CHECK(staged.pieces[1].checkpoints == std::vector<std::int64_t>{43, 50, 56});
  CHECK_THROWS_WITH(plan_segments(one, 0, 2), Contains("--checkpoints 2") && Contains("3 segments"));
  CHECK_THROWS_WITH(plan_segments({{range(0, 3), 2}}, 0, 6), Contains("2 steps"));

  data::Dataset dataset;
  RandomStream random(6, "SOURCE test");
  dataset.features = RowMatrix::NullaryExpr(9, 2, [&] { return random.normal(); });
  dataset.target = dataset.features.col(0);
  nn::Layout layout;
  const nn::Mlp mlp(layout, {{2, 3, 1}, nn::Activation::tanh});
  const nn::RowModel model{layout, mlp, dataset};
  nn::StagedOptions training{.rule = SgdSettings{.learning_rate = 0.1, .momentum = 0.9, .l2 = 0.01},
                             .stages = two,
                             .checkpoints = staged.checkpoints()};
  const auto run = nn::train_in_stages(model, layout.initial(1), training);
  const auto segments = segments_of_run(model, training, staged, run, CurvatureKind::full);
  CHECK(segments[0].time == Approx(40.0));
  CHECK(segments[1].time == Approx(20.0));
  CHECK(segments[0].weight_decay == 0.01);
  CHECK(segments[1].pool == two[1].rows);
  training.rule = AdamSettings{};
  CHECK_THROWS_WITH(segments_of_run(model, training, staged, run, CurvatureKind::full), Contains("SGD"));
  training.rule = SgdSettings{};
  nn::Layout large;
  const nn::Mlp wide(large, {{2, 600, 1}, nn::Activation::tanh});
  CHECK_THROWS_WITH(segments_of_run({large, wide, dataset}, training, staged, run, CurvatureKind::full),
                    Contains("2401") && Contains("ekfac"));
  CHECK_THROWS_WITH(curvature_named("kfac"), Contains("ekfac"));
}

TEST_CASE("SOURCE: what is asked of a query has the gradient that differences give") {
  data::Dataset queries;
  RandomStream random(7, "SOURCE test");
  queries.features = RowMatrix::NullaryExpr(4, 3, [&] { return random.normal(); });
  queries.labels = {0, 2, 1, 1};
  queries.class_names = {"a", "b", "c"};
  nn::Layout layout;
  const nn::Mlp mlp(layout, {{3, 4, 3}, nn::Activation::tanh});
  const Vector theta = layout.initial(3);
  for (const auto measure : {QueryMeasure::loss, QueryMeasure::margin}) {
    const RowMatrix g = query_gradients(mlp, theta, queries, measure);
    for (Index i = 0; i < theta.size(); ++i) {
      Vector high = theta, low = theta;
      high[i] += 1e-5;
      low[i] -= 1e-5;
      const Vector expected =
          (query_values(mlp, high, queries, measure) - query_values(mlp, low, queries, measure)) / 2e-5;
      CHECK((g.col(i) - expected).norm() < 1e-8);
    }
  }
  queries.labels.clear();
  queries.target = Vector::Ones(4);
  CHECK_THROWS_WITH(query_gradients(mlp, theta, queries, QueryMeasure::margin), Contains("classes"));
}

TEST_CASE("SOURCE: the experiment, in short") { check_claims(source_attribution_demo({.brief = true})); }
