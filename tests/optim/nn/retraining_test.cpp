// Training again without rows: what is removed, how many steps it takes, and the measures of what it changed.
#include "optim/nn/retraining.h"

#include "catch.h"
#include "dsp/error.h"
#include "optim/engine/random.h"
#include "optim/engine/statistics.h"
#include "optim/nn/mlp_objective.h"

#include <numeric>

using namespace raphson::optim;
using namespace raphson::optim::nn;
using Catch::Matchers::Contains;

namespace {

struct Line {
  data::Dataset dataset;
  Layout layout;
  Mlp mlp{layout, {{2, 1}, Activation::none}};
  RowModel model{layout, mlp, dataset};

  Line() {
    RandomStream random(4, "retraining");
    dataset.features.resize(12, 2);
    for (auto& x : dataset.features.reshaped()) x = random.normal();
    dataset.target = dataset.features.col(0) * 2 - dataset.features.col(1);
  }
};

RowNumbers range(std::size_t from, std::size_t to) {
  RowNumbers rows(to - from);
  std::iota(rows.begin(), rows.end(), from);
  return rows;
}

} // namespace

TEST_CASE("Retraining: stages draw from their own rows alone, and checkpoints are where they are asked for") {
  Line line;
  line.dataset.target.tail(6).array() += 1e6; // would be seen at once
  const StagedOptions options{.rule = SgdSettings{.learning_rate = 0.05},
                              .batch_size = 3,
                              .stages = {{range(0, 3), 10}, {range(3, 6), 5}},
                              .seed = 1,
                              .checkpoints = {0, 10, 15}};
  const Vector start = line.layout.initial(1);
  const StagedRun run = train_in_stages(line.model, start, options);
  REQUIRE(run.checkpoints.size() == 3);
  CHECK((run.checkpoints[0] - start).norm() < 1e-7);
  CHECK(run.checkpoints[2] == run.parameters);
  // Full batches: each stage is plain gradient descent.
  const auto f = mlp_objective<double>(line.layout, line.mlp, line.dataset);
  Vector x = start, g;
  for (int step = 0; step < 15; ++step) {
    f.value_and_gradient(x, step < 10 ? range(0, 3) : range(3, 6), g);
    x -= 0.05 * g;
    if (step == 9) CHECK((x - run.checkpoints[1]).norm() < 1e-5);
  }
  CHECK((x - run.parameters).norm() < 1e-5);
}

TEST_CASE("Retraining: without rows the steps stay as many, and a run that leaves them all out is refused") {
  const StagedOptions options{.stages = {{{1, 2, 3}, 10}, {{4, 5}, 20}}};
  const auto less = without_rows(options, RowNumbers{5, 2});
  CHECK(less.stages[0].rows == RowNumbers{1, 3});
  CHECK(less.stages[1].rows == RowNumbers{4});
  CHECK(less.stages[0].steps == 10);
  CHECK_THROWS_WITH(without_rows(options, RowNumbers{4, 5}), Contains("stage 2"));
  CHECK(steps_of(45, 20, 4) == 12);
  for (const RowNumbers& removed : removed_halves({{range(0, 10), 1}, {range(10, 14), 1}}, 5, 1)) {
    CHECK(removed.size() == 7);
    CHECK(std::count_if(removed.begin(), removed.end(), [](auto row) { return row >= 10; }) == 2);
  }
  Line line;
  CHECK_THROWS_WITH(
      train_in_stages(line.model, line.layout.initial(1),
                      {.rule = SgdSettings{.learning_rate = 1e6}, .stages = {{range(0, 12), 99}}}),
      Contains("step"));
}

TEST_CASE("Retraining: the score is one where sums of scores order the outcomes, whatever the threads") {
  const std::vector<RowNumbers> removed{{0, 1}, {1, 2}, {0, 2}};
  data::RowMatrix scores(2, 3), outcomes(3, 2);
  scores << 1, 2, 4, 4, 2, 1;
  outcomes << 3, 6, 6, 3, 5, 5;
  const Vector score = datamodelling_scores(scores, removed, outcomes);
  CHECK(score[0] == Approx(1));
  CHECK(score[1] == Approx(1));
  const Line line;
  const Vector start = line.layout.initial(1);
  const StagedOptions options{.batch_size = 4, .stages = {{range(0, 12), 30}}};
  const auto measure = [](const Vector& x) { return x; };
  const auto subsets = removed_halves(options.stages, 4, 2);
  const auto one = retrain_without(line.model, start, options, subsets, 2, measure, 1);
  CHECK(one == retrain_without(line.model, start, options, subsets, 2, measure, 3));
  CHECK(one.rows() == 4);
}

TEST_CASE("Retraining: accuracy, total variation and the membership test by hand") {
  data::RowMatrix logits(2, 2);
  logits << 0, std::log(3.0), 1000, 0;
  const Classified c = classified(logits, {1, 1});
  CHECK(c.probabilities(0, 1) == Approx(0.75));
  CHECK(c.accuracy == 0.5);
  CHECK(c.losses[0] == Approx(-std::log(0.75)));
  CHECK(c.losses[1] == Approx(1000));
  data::RowMatrix p(1, 2), q(1, 2);
  p << 1, 0;
  q << 0.25, 0.75;
  CHECK(mean_total_variation(p, q) == 0.75);
  CHECK_THROWS_AS(mean_total_variation(p, logits), raphson::InputError);
  CHECK(membership_auc(Vector{{0.1, 0.2}}, Vector{{0.3, 0.15}}) == 0.75);
  CHECK(area_under_roc(Vector{{1, 1}}, Vector{{1}}) == 0.5);
}
