// The study of optimisers and the experiment of adam; the update itself is held by
// tests/optim/engine/update_rules_test.cpp.
#include "optim/tools/solvers/adam_demo.h"

#include "catch.h"
#include "optim/engine/random.h"
#include "optim/tools/solvers/optimiser_study.h"
#include "tool_demo.h"

using namespace raphson;
using namespace raphson::optim;
using namespace raphson::optim::tools;
using Catch::Matchers::Contains;

namespace {

/// y = 2 x_1 - x_2 with noise, on inputs of size one.
data::Dataset line() {
  data::Dataset rows{.name = "line"};
  RandomStream random(1, "line");
  rows.features = data::RowMatrix(60, 2);
  rows.target = Vector(60);
  for (Eigen::Index i = 0; i < 60; ++i) {
    rows.features(i, 0) = random.normal();
    rows.features(i, 1) = random.normal();
    rows.target[i] = 2 * rows.features(i, 0) - rows.features(i, 1) + 0.1 * random.normal();
  }
  return rows;
}

} // namespace

TEST_CASE("adam: every optimiser runs its own list of steps, and a best one at its end is flagged") {
  const data::Dataset rows = line();
  const TableNetwork network(rows, {.model = TableModel::linear});
  const std::vector<OptimiserGrid> grids{{"adam", AdamSettings{}, {1e-4, 0.1, 0.3}},
                                         {"sgd", SgdSettings{}, {0.01, 0.1, 0.2, 1e10}}};
  const OptimiserStudy study =
      run_study<double>(network, rows, nullptr, grids, {.batch_size = 20, .epochs = 20});
  REQUIRE(study.runs[0].size() == 3);
  REQUIRE(study.runs[1].size() == 4);
  CHECK_FALSE(study.runs[1][3].finite); // a step of 1e10 diverges, and takes no one else along
  CHECK_FALSE(study.runs[1][3].broke.empty());
  CHECK(study.best_step(1) != 3);
  CHECK(study.best(0).final_training_loss() < 0.02);
  CHECK(study.best(1).final_training_loss() < 0.02);
  CHECK_FALSE(study.at_an_end(0));
  const OptimiserStudy short_list = run_study<double>(
      network, rows, nullptr, {{"adam", AdamSettings{}, {1e-4, 1e-3}}}, {.batch_size = 20, .epochs = 3});
  CHECK(short_list.at_an_end(0));

  report::ToolReport report;
  add_study(study, network, rows, nullptr, report);
  CHECK(report.tables.at(0).table.rows.size() >= 2);
}

TEST_CASE("adam: the same seed gives the same study, on any number of threads") {
  const data::Dataset rows = line();
  const TableNetwork network(rows, {.model = TableModel::linear});
  const std::vector<OptimiserGrid> grids{{"adam", AdamSettings{}, {0.01, 0.1}}};
  const auto last = [&](std::uint64_t seed, std::size_t threads) {
    return run_study<double>(network, rows, nullptr, grids,
                             {.batch_size = 20, .epochs = 4, .seed = seed, .threads = threads})
        .runs[0][1]
        .parameters;
  };
  CHECK(last(1, 1) == last(1, 2));
  CHECK(last(1, 1) != last(2, 1));
}

TEST_CASE("adam: a study that cannot be is refused by name") {
  const data::Dataset rows = line();
  const TableNetwork network(rows, {.model = TableModel::linear});
  const auto study = [&](std::vector<double> steps, std::size_t batch) {
    run_study<double>(network, rows, nullptr, {{"adam", AdamSettings{}, std::move(steps)}},
                      {.batch_size = batch, .epochs = 1});
  };
  CHECK_THROWS_WITH(study({}, 20), Contains("adam"));
  CHECK_THROWS_WITH(study({0.1, 0}, 20), Contains("learning_rate"));
  CHECK_THROWS_WITH(study({0.1}, 61), Contains("61"));
}

TEST_CASE("adam: the experiment, in short") { check_claims(adam_demo({.brief = true})); }
