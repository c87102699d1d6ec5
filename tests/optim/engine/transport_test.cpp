#include "optim/engine/transport.h"

#include "catch.h"
#include "dsp/error.h"
#include "optim/engine/random.h"
#include "optim/support/plain_lp.h"

#include <algorithm>
#include <numeric>

using namespace raphson;
using namespace raphson::optim;
using raphson::optim::test::plain_transport;
using raphson::optim::test::plain_uniform_transport;

namespace {

CostMatrix random_costs(RandomStream& random, int n, int m, bool with_ties) {
  CostMatrix cost(n, m);
  for (auto& c : cost.reshaped())
    c = with_ties ? static_cast<double>(random.index(4)) : random.uniform(-1, 1);
  return cost;
}

Vector random_masses(RandomStream& random, int n, bool whole) {
  Vector masses(n);
  for (auto& a : masses) a = whole ? 1 + static_cast<double>(random.index(3)) : random.uniform(0.01, 1);
  return masses / masses.sum();
}

// Marginals, feasibility of both sides, complementary slackness and no gap: together they prove optimality.
void check_optimal(const TransportPlan& plan, const CostMatrix& cost, const Vector& supply,
                   const Vector& demand) {
  Vector given = Vector::Zero(supply.size()), taken = Vector::Zero(demand.size());
  double least = 0, slack = 0;
  for (const auto& [s, t, mass] : plan.cells) {
    given[s] += mass;
    taken[t] += mass;
    least = std::min(least, mass);
    slack = std::max(slack, std::abs(cost(s, t) - plan.source_duals[s] - plan.target_duals[t]));
  }
  CHECK(least >= 0);
  CHECK((given - supply).cwiseAbs().maxCoeff() < 1e-12);
  CHECK((taken - demand).cwiseAbs().maxCoeff() < 1e-12);
  CHECK(slack < 1e-9);
  const Matrix reduced = (cost.colwise() - plan.source_duals).rowwise() - plan.target_duals.transpose();
  CHECK(reduced.minCoeff() > -1e-9);
  CHECK(plan.cost == Approx(supply.dot(plan.source_duals) + demand.dot(plan.target_duals)).margin(1e-9));
}

Vector uniform(Eigen::Index n) { return Vector::Constant(n, 1.0 / static_cast<double>(n)); }

} // namespace

TEST_CASE("Transport agrees with a linear programme on random masses and costs, ties included") {
  RandomStream random(1, "transport test");
  for (int instance = 0; instance < 60; ++instance) {
    const int n = 1 + static_cast<int>(random.index(6)), m = 1 + static_cast<int>(random.index(7));
    const auto cost = random_costs(random, n, m, instance % 2 == 0);
    const Vector supply = random_masses(random, n, instance % 3 == 0);
    const Vector demand = random_masses(random, m, instance % 3 == 0);
    const auto plan = transport(cost, supply, demand);
    check_optimal(plan, cost, supply, demand);
    CHECK(plan.cost == Approx(plain_transport(cost, supply, demand)).margin(1e-9));
  }
}

TEST_CASE("Transport of as many sources as targets is the best of all assignments") {
  RandomStream random(2, "transport test");
  for (int instance = 0; instance < 20; ++instance) {
    const auto cost = random_costs(random, 6, 6, instance % 2 == 0);
    std::vector<int> order(6);
    std::iota(order.begin(), order.end(), 0);
    double best = INFINITY;
    do {
      double sum = 0;
      for (int s = 0; s < 6; ++s) sum += cost(s, order[static_cast<std::size_t>(s)]) / 6;
      best = std::min(best, sum);
    } while (std::next_permutation(order.begin(), order.end()));
    CHECK(uniform_transport(cost).cost == Approx(best).margin(1e-12));
  }
}

TEST_CASE("Transport moves mass where a nearest neighbour would not") {
  const CostMatrix cost{{0, 0, 0, 10}, {10, 10, 10, 0}}; // rows at 0 and 10, targets at 0, 0, 0, 10
  CHECK(uniform_transport(cost).cost == Approx(2.5).epsilon(1e-14));
}

TEST_CASE("Transport of larger problems is optimal by its own duals") {
  RandomStream random(3, "transport test");
  for (const auto& [n, m] : {std::pair{60, 250}, {250, 60}, {120, 120}, {1, 300}, {300, 1}}) {
    const auto cost = random_costs(random, n, m, false);
    check_optimal(uniform_transport(cost), cost, uniform(n), uniform(m));
    const Vector supply = random_masses(random, n, false), demand = random_masses(random, m, false);
    check_optimal(transport(cost, supply, demand), cost, supply, demand);
  }
}

TEST_CASE("Transport from the basis of a problem that differs in one source is optimal after few pivots") {
  RandomStream random(4, "transport test");
  auto cost = random_costs(random, 80, 200, false);
  auto plan = uniform_transport(cost);
  const int cold = plan.pivots;
  int warm = 0;
  for (int change = 0; change < 10; ++change) {
    const auto row = static_cast<Eigen::Index>(random.index(80));
    for (auto& c : cost.row(row)) c = random.uniform(-1, 1);
    plan = uniform_transport(cost, plan.cells);
    check_optimal(plan, cost, uniform(80), uniform(200));
    warm += plan.pivots;
    CHECK(plan.cost == Approx(uniform_transport(cost).cost).margin(1e-12));
  }
  CHECK(warm < 10 * cold / 2);
}

TEST_CASE("Transport ignores a start that is no basis of its masses") {
  RandomStream random(5, "transport test");
  const auto cost = random_costs(random, 3, 4, false);
  const double right = uniform_transport(cost).cost;
  const std::vector<std::vector<TransportCell>> starts = {
      {{0, 0, 1}},
      {{0, 0, 1}, {0, 1, 1}, {1, 0, 1}, {1, 1, 1}, {2, 2, 1}, {2, 3, 1}}, // a cycle and two parts
      {{0, 0, 1}, {0, 1, 1}, {0, 2, 1}, {0, 3, 1}, {1, 0, 1}, {2, 0, 1}}, // a tree with flows below 0
      {{0, 0, 1}, {0, 1, 1}, {0, 2, 1}, {0, 9, 1}, {1, 0, 1}, {2, 0, 1}}};
  for (const auto& start : starts) CHECK(uniform_transport(cost, start).cost == Approx(right).epsilon(1e-14));
}

TEST_CASE("Transport refuses masses and costs that are none") {
  const CostMatrix cost = CostMatrix::Ones(2, 2);
  using V = Eigen::Vector2d;
  CHECK_THROWS_AS(transport(cost, V(0.5, 0.5), V(0.5, 0.6)), InputError);
  CHECK_THROWS_AS(transport(cost, V(0, 1), V(0.5, 0.5)), InputError);
  CHECK_THROWS_AS(transport(cost, V(NAN, 1), V(0.5, 0.5)), InputError);
  CHECK_THROWS_AS(transport(cost, uniform(3), V(0.5, 0.5)), InputError);
  CHECK_THROWS_AS(uniform_transport(CostMatrix(0, 2)), InputError);
  CHECK_THROWS_AS(uniform_transport(CostMatrix::Constant(2, 2, NAN)), InputError);
}
