#include "optim/tools/solvers/forget_unlearning.h"

#include "catch.h"
#include "dsp/error.h"
#include "optim/engine/finite_differences.h"
#include "optim/engine/random.h"
#include "optim/tools/solvers/forget_unlearning_demo.h"
#include "optim/tools/solvers/forget_unlearning_model.h"

#include <Eigen/Eigenvalues>
#include <nlohmann/json.hpp>

#include <set>

using namespace raphson;
using namespace raphson::optim;
using namespace raphson::optim::tools;
using Catch::Matchers::Contains;

namespace {

SlottedRows random_table(int slots, int columns, DeletionLoss loss) {
  RandomStream random(1, "forget-unlearning test");
  data::RowMatrix rows(slots, columns);
  for (auto& value : rows.reshaped()) value = random.normal();
  clip_to_unit_norm(rows);
  Vector target(slots);
  for (auto& t : target)
    t = loss == DeletionLoss::huber ? 2 * random.normal() : (random.uniform() < 0.5 ? -1 : 1);
  return {rows, target};
}

const DeletionLoss all_losses[] = {DeletionLoss::logistic, DeletionLoss::huber, DeletionLoss::mean};

DeletionPlan mean_plan(double eta_lambda) {
  DeletionPlan plan = plan_deletion({.loss = DeletionLoss::mean, .lambda = 0.05}, 200, 4);
  plan.eta = eta_lambda / plan.options.lambda;
  return plan;
}

} // namespace

TEST_CASE("Deletable losses: derivatives agree with finite differences") {
  for (const auto loss : all_losses) {
    const auto table = random_table(40, 5, loss);
    const DeletionObjective objective(table, loss, 0.1);
    const Vector theta = Vector::LinSpaced(5, -1.3, 0.9);
    Vector gradient;
    Matrix hessian;
    const double value = objective.value_gradient_and_hessian(theta, gradient, hessian);
    CHECK(value == objective.value(theta));
    for (Eigen::Index k = 0; k < 5; ++k) {
      Vector up = theta, down = theta, above, below;
      const double h = 1e-5;
      up[k] += h;
      down[k] -= h;
      CHECK(gradient[k] == Approx((objective.value(up) - objective.value(down)) / (2 * h)).margin(1e-8));
      objective.gradient(up, above);
      objective.gradient(down, below);
      CHECK((hessian.col(k) - (above - below) / (2 * h)).norm() < 1e-6);
    }
  }
}

TEST_CASE("Deletable losses: a row's gradient is at most 1 long, its curvature at most beta") {
  const std::pair<DeletionLoss, double> smoothness[] = {
      {DeletionLoss::logistic, 0.25}, {DeletionLoss::huber, 1}, {DeletionLoss::mean, 0}};
  for (const auto& [loss, beta] : smoothness) {
    auto table = random_table(1, 4, loss);
    table.rows.rowwise().normalize();
    RandomStream random(2, "forget-unlearning test");
    for (int trial = 0; trial < 50; ++trial) {
      Vector theta(4), gradient;
      Matrix hessian;
      for (auto& value : theta) value = 5 * random.normal();
      const double lambda = 1e-9;
      DeletionObjective(table, loss, lambda).value_gradient_and_hessian(theta, gradient, hessian);
      CHECK((gradient - lambda * theta).norm() <= 1 + 1e-12);
      CHECK(hessian.selfadjointView<Eigen::Lower>().eigenvalues().maxCoeff() <= beta + 1e-8);
    }
    CHECK(plan_deletion({.loss = loss}, 10000, 4).eta == Approx(1 / (2 * (beta + 0.02))));
  }
}

TEST_CASE("Deletion plan: the card's constants for 1,500 digits") {
  const auto plan = plan_deletion({.epsilon_dp = 0.1, .epsilon_dd = 0.01}, 1500, 20);
  CHECK(plan.sigma_squared == Approx(8 / (0.02 * 0.1 * 1500.0 * 1500.0)));
  CHECK(plan.learn_steps == 196);
  CHECK(plan.delete_steps(1) == 64);
  CHECK(plan.epsilon_dp(1 << 20) == Approx(0.1)); // sigma is chosen so that it holds for ever
  CHECK(plan.epsilon_dp(10) < 0.05);
  for (const int rows : {1, 3, 10}) {
    const int steps = plan.delete_steps(rows);
    CHECK(plan.epsilon_dd(rows, steps) <= 0.01);
    CHECK(plan.epsilon_dd(rows, steps - 1) > 0.01);
    CHECK(plan.epsilon_dd(rows, 0) == Approx(0.1 * rows * rows));
  }
  const auto lax = plan_deletion({.epsilon_dp = 0.1, .epsilon_dd = 0.5}, 1500, 20);
  CHECK(lax.delete_steps(1) == 0);
}

TEST_CASE("Deletion plan: learning takes no fewer steps than the largest deletion") {
  const auto plan = plan_deletion({.epsilon_dp = 0.5, .epsilon_dd = 1e-6, .max_edit = 50}, 200, 5);
  CHECK(plan.learn_steps == plan.delete_steps(50));
}

TEST_CASE("Each model that has been seen adds epsilon-dp to what a deletion may tell") {
  CHECK(adaptive_epsilon(0.05, 0.5, 0) == 0.05);
  for (int seen = 0; seen < 5; ++seen) {
    CHECK(adaptive_epsilon(0.05, 0.5, seen + 1) - adaptive_epsilon(0.05, 0.5, seen) == Approx(0.5));
  }
  CHECK(guessing_bound(adaptive_epsilon(0.01, 0.1, 1)) == Approx(0.5 + 0.5 * std::sqrt(0.055)));
  CHECK(approximate_epsilon(0.1, 3, 1e-5) == Approx(0.1 + std::log(1e5) / 2));
  CHECK(guessing_bound(100) == 1);
}

TEST_CASE("Noisy descent without noise is the mean dynamics of the known answer") {
  const auto table = random_table(200, 4, DeletionLoss::mean);
  auto plan = mean_plan(0.1);
  plan.sigma_squared = 0;
  const Vector start = Vector::LinSpaced(4, -1, 2), goal = table.rows.colwise().mean() / plan.options.lambda;
  const Vector reached = noisy_descent(table, plan, start, 7, 1);
  CHECK((reached - goal - std::pow(0.9, 7) * (start - goal)).norm() < 1e-12);
}

TEST_CASE("Noisy descent on the mean has the known variance at every step") {
  const auto table = random_table(200, 4, DeletionLoss::mean);
  for (const double rate : {0.02, 0.5}) {
    auto plan = mean_plan(rate);
    for (const int steps : {1, 5, 60}) {
      plan.learn_steps = steps;
      auto silent = plan;
      silent.sigma_squared = 0;
      const Vector expected = learn_deletable(table, silent, 0);
      double squares = 0;
      const int runs = 4000;
      for (int run = 0; run < runs; ++run) {
        squares += (learn_deletable(table, plan, static_cast<std::uint64_t>(run)) - expected).squaredNorm();
      }
      const double variance = plan.sigma_squared / (0.05 * (1 - rate / 2));
      CHECK(squares / (4 * runs) == Approx(variance).epsilon(0.03)); // three standard errors
    }
  }
}

TEST_CASE(
    "Deletion goes on from the published model: what is left of a row falls by (1 - eta lambda) a step") {
  auto table = random_table(200, 4, DeletionLoss::mean);
  auto plan = mean_plan(0.1);
  plan.sigma_squared = 0;
  plan.learn_steps = 40;
  const Vector published = learn_deletable(table, plan, 1);
  table.clear(17);
  const Vector goal = table.rows.colwise().mean() / plan.options.lambda;
  const int steps = plan.delete_steps(1);
  REQUIRE(steps > 0);
  const Vector next = delete_rows(table, plan, published, 1, 2);
  CHECK((next - goal).norm() == Approx(std::pow(0.9, steps) * (published - goal).norm()).epsilon(1e-9));
}

TEST_CASE("Deletion adds noise of its own at every step") {
  auto table = random_table(200, 4, DeletionLoss::logistic);
  const auto plan = plan_deletion({}, 200, 4);
  const Vector published = learn_deletable(table, plan, 1);
  table.clear(0);
  auto silent = plan;
  silent.sigma_squared = 0;
  for (const int steps : {1, 2}) {
    const Vector expected = noisy_descent(table, silent, published, steps, 0);
    double squares = 0;
    for (std::uint64_t run = 0; run < 3000; ++run) {
      squares += (noisy_descent(table, plan, published, steps, run) - expected).squaredNorm() / 4 / 3000;
    }
    // The curvature of the logistic loss at most contracts what an earlier step has added.
    const double once = 2 * plan.eta * plan.sigma_squared;
    CHECK(squares > once * (1 + (steps - 1) * std::pow(0.5, 2)) * 0.95);
    CHECK(squares < once * steps * 1.05);
  }
}

TEST_CASE("An empty slot leaves the gradients of the others as they are") {
  for (const auto loss : all_losses) {
    const auto table = random_table(30, 4, loss);
    auto without = table;
    without.clear(3);
    const Vector theta = Vector::LinSpaced(4, -1, 1);
    Vector all, rest, alone;
    DeletionObjective(table, loss, 0.1).gradient(theta, all);
    DeletionObjective(without, loss, 0.1).gradient(theta, rest);
    const SlottedRows one(table.rows.row(3), table.target.segment(3, 1));
    DeletionObjective(one, loss, 0.1).gradient(theta, alone);
    CHECK((all - rest - (alone - 0.1 * theta) / 30).norm() < 1e-14);
    // The value, too, has no more of it.
    const double difference =
        DeletionObjective(table, loss, 0).value(theta) - DeletionObjective(without, loss, 0).value(theta);
    CHECK(difference == Approx(DeletionObjective(one, loss, 0).value(theta) / 30).margin(1e-14));
  }
}

TEST_CASE("The exact minimiser has no gradient") {
  for (const auto loss : all_losses) {
    const auto table = random_table(60, 4, loss);
    Vector gradient;
    DeletionObjective(table, loss, 0.05).gradient(exact_minimiser(table, loss, 0.05), gradient);
    CHECK(gradient.norm() < 1e-8);
  }
}

TEST_CASE("An audit finds what leaks and no more than the bound where little may") {
  const auto table = random_table(60, 3, DeletionLoss::logistic);
  const auto loose = plan_deletion({.epsilon_dp = 1e5, .epsilon_dd = 1}, 60, 3);
  CHECK(audit_deletion(table, loose, 5, 100, 1, 1) > 0.9);
  const auto tight = plan_deletion({.epsilon_dp = 0.2, .epsilon_dd = 0.1}, 60, 3);
  CHECK(audit_deletion(table, tight, 5, 200, 1, 1) < guessing_bound(0.2) + 4 * 0.025);
}

TEST_CASE("forget-unlearning refuses what no certificate covers") {
  CHECK_THROWS_WITH(plan_deletion({.epsilon_dp = 0}, 1500, 5), Contains("--epsilon-dp"));
  CHECK_THROWS_WITH(plan_deletion({.epsilon_dd = -1}, 1500, 5), Contains("--epsilon-dd"));
  CHECK_THROWS_WITH(plan_deletion({.order = 1}, 1500, 5), Contains("--order"));
  CHECK_THROWS_WITH(plan_deletion({.lambda = 0}, 1500, 5), Contains("--lambda"));
  CHECK_THROWS_WITH(plan_deletion({.max_edit = 0}, 1500, 5), Contains("--max-edit"));
  CHECK_THROWS_WITH(plan_deletion({}, 25, 5), Contains("the noise drowns the signal"));
  auto table = random_table(200, 4, DeletionLoss::logistic);
  CHECK_THROWS_WITH(delete_rows(table, plan_deletion({}, 200, 4), Vector::Zero(4), 11, 1),
                    Contains("11 rows"));
  table.clear(16);
  CHECK_THROWS_WITH(table.clear(16), Contains("row 17") && Contains("already"));
  data::RowMatrix rows{{0.6, 0.8}, {3, 4}, {0, 0}};
  CHECK(clip_to_unit_norm(rows) == 1);
  CHECK((rows - data::RowMatrix{{0.6, 0.8}, {0.6, 0.8}, {0, 0}}).norm() < 1e-15);
}

namespace {

const char* const animals = "length,weight,kind\n1,20,cat\n2,40,dog\n1,10,cat\ndeleted,deleted,deleted\n";

} // namespace

TEST_CASE("A model file holds what predict needs, the certificate's constants and nothing else") {
  const data::CsvTable table(animals, "animals.csv");
  auto model = describe_table(table, "animals.csv", {}, {.target = "kind", .ranges = {4, 100}});
  model.theta = Vector{{1.5, -0.25, 3}};
  model.releases = 2;
  const auto json = nlohmann::json::parse(to_json(model));
  std::set<std::string> keys;
  for (const auto& [key, value] : json.items()) keys.insert(key);
  CHECK(keys
        == std::set<std::string>{"format", "version", "private", "loss", "order", "epsilon_dp", "epsilon_dd",
                                 "max_edit", "lambda", "slots", "releases", "features", "ranges", "intercept",
                                 "target", "target_range", "classes", "theta"});
  CHECK(json["private"] == "yes");
  const auto again = parse_deletable_model(to_json(model), "model.json");
  CHECK(to_json(again) == to_json(model));
  CHECK(again.theta == model.theta);
  model.seeded = true;
  CHECK(nlohmann::json::parse(to_json(model))["private"] == "not private: seeded");
}

TEST_CASE("A table's deleted rows are empty slots, and stay so") {
  const data::CsvTable table(animals, "animals.csv");
  const auto model = describe_table(table, "animals.csv", {}, {.target = "kind", .ranges = {4, 100}});
  auto slots = read_slots(table, "animals.csv", model).rows;
  CHECK(slots.occupied == std::vector<bool>{true, true, true, false});
  CHECK(slots.rows.row(3).isZero(0));
  CHECK((slots.rows.row(0) - Eigen::RowVector3d(0.25, 0.2, 0.5)).norm() < 1e-15);
  CHECK(slots.target.head(3) == Eigen::Vector3d(-1, 1, -1));
  CHECK_THROWS_WITH(slots.clear(3), Contains("row 4"));
  const std::string next = table_without(table, {1});
  CHECK(next == "length,weight,kind\n1,20,cat\ndeleted,deleted,deleted\n1,10,cat\ndeleted,deleted,deleted\n");
  CHECK_THROWS_WITH(
      read_slots(data::CsvTable("length,weight,kind\n1,1,cat\n", "short.csv"), "short.csv", model),
      Contains("short.csv: 1 rows") && Contains("4 slots"));
}

TEST_CASE("Predictions of each loss") {
  const data::CsvTable table(animals, "animals.csv");
  auto model = describe_table(table, "animals.csv", {}, {.target = "kind", .ranges = {4, 100}});
  model.theta = Vector{{1, -1, 0}};
  const auto rows = predictions(read_features(table, model), model).rows;
  CHECK(rows[0][1].text == "dog"); // 0.25 - 0.2 > 0
  CHECK(*rows[0][2].number == Approx(1 / (1 + std::exp(-0.05))));
  DeletableModel mean{.options = {.loss = DeletionLoss::mean}, .features = {"length"}, .ranges = {4}};
  mean.theta = Vector{{10}};
  CHECK(*predictions({}, mean).rows[0][1].number == Approx(0.02 * 10 * 4));
}

TEST_CASE("A table or model that forget-unlearning cannot use is refused by name") {
  const data::CsvTable table(animals, "animals.csv");
  const auto describe = [&](const DeletionOptions& options, const TableColumns& columns) {
    return describe_table(table, "animals.csv", options, columns);
  };
  CHECK_THROWS_WITH(describe({}, {.target = "age"}), Contains("no column age"));
  CHECK_THROWS_WITH(describe({}, {.features = {"age"}, .target = "kind"}), Contains("--features"));
  CHECK_THROWS_WITH(describe({}, {.target = "kind", .ranges = {1, 2, 3}}), Contains("--ranges: 3"));
  CHECK_THROWS_WITH(describe({}, {.target = "kind", .ranges = {0}}), Contains("--ranges"));
  CHECK_THROWS_WITH(describe({}, {.target = "weight"}), Contains("3 classes"));
  CHECK_THROWS_WITH(parse_deletable_model("{}", "m.json"), Contains("m.json"));
  auto model = describe({}, {.target = "kind"});
  model.releases = 1;
  model.theta = Vector::Zero(2);
  CHECK_THROWS_WITH(parse_deletable_model(to_json(model), "m.json"), Contains("m.json") && Contains("theta"));
  auto json = nlohmann::json::parse(to_json(model));
  json.erase("order");
  CHECK_THROWS_WITH(parse_deletable_model(json.dump(), "m.json"), Contains("\"order\""));
}

TEST_CASE("forget-unlearning: the brief experiment's claims hold") {
  const auto report = forget_unlearning_demo({.brief = true});
  CHECK(report.claims.size() >= 20);
  for (const auto& claim : report.claims) {
    INFO(claim.what << ": " << claim.measured << ", limit " << claim.limit);
    CHECK(claim.holds());
  }
}
