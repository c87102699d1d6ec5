#include "optim/tools/solvers/goracs.h"

#include "catch.h"
#include "dsp/error.h"
#include "optim/data/split.h"
#include "optim/engine/distances.h"
#include "optim/engine/random.h"
#include "optim/support/plain_lp.h"
#include "optim/tools/solvers/goracs_classifier.h"
#include "optim/tools/solvers/goracs_demo.h"
#include "optim/tools/solvers/goracs_report.h"

#include <algorithm>

using namespace raphson;
using namespace raphson::optim;
using namespace raphson::optim::tools;
using Catch::Matchers::Contains;
using raphson::optim::test::plain_uniform_transport;

namespace {

CostMatrix random_rows(RandomStream& random, int count, int columns) {
  CostMatrix rows(count, columns);
  for (auto& value : rows.reshaped()) value = random.normal();
  return rows;
}

double plain_objective(const CostMatrix& cost, const Rows& rows) {
  return plain_uniform_transport(cost(rows, Eigen::all));
}

CostMatrix random_costs(RandomStream& random, int pool, int validation) {
  Vector gradients(pool);
  for (auto& g : gradients) g = random.uniform(0.1, 1);
  return goracs_costs(random_rows(random, pool, 2), random_rows(random, validation, 2), gradients, 0.1);
}

// Every set of `size` of 0 ... count - 1.
template <class Visit> void for_all_sets(int count, int size, const Visit& visit) {
  std::vector<bool> in(static_cast<std::size_t>(count), false);
  std::fill_n(in.begin(), size, true);
  do {
    Rows rows;
    for (int i = 0; i < count; ++i) {
      if (in[static_cast<std::size_t>(i)]) rows.push_back(i);
    }
    visit(rows);
  } while (std::prev_permutation(in.begin(), in.end()));
}

} // namespace

TEST_CASE("GORACS: J is the exact transport, not the cost of nearest neighbours") {
  const CostMatrix pool{{0}, {10}}, validation{{0}, {0}, {0}, {10}};
  const CostMatrix cost = distances(pool, validation);
  CHECK(goracs_objective(cost, {0, 1}) == Approx(2.5).epsilon(1e-14));
  CHECK(goracs_relaxation(cost, {0, 1}) == 0);
}

TEST_CASE(
    "GORACS: J of a set is transport of distances over their maximum less lambda times its mean gradient") {
  RandomStream random(1, "goracs test");
  const CostMatrix pool = random_rows(random, 9, 3), validation = random_rows(random, 7, 3);
  Vector gradients(9);
  for (auto& g : gradients) g = random.uniform(0.5, 4);
  const CostMatrix d = distances(pool, validation);
  const Rows rows{1, 4, 7};
  double mean = 0;
  for (const int i : rows) mean += gradients[i] / gradients.maxCoeff() / 3;
  const double j = goracs_objective(goracs_costs(pool, validation, gradients, 0.3), rows);
  CHECK(j == Approx(plain_objective(d / d.maxCoeff(), rows) - 0.3 * mean).margin(1e-10));
}

TEST_CASE("GORACS: the bound on an exchange is never above the exact transport after it") {
  RandomStream random(2, "goracs test");
  int exchanges = 0, tight = 0;
  for (int instance = 0; instance < 20; ++instance) {
    const CostMatrix cost = random_costs(random, 12, 12);
    const Rows rows{0, 3, 6, 9};
    const Vector duals = uniform_transport(cost(rows, Eigen::all)).source_duals;
    for (std::size_t position = 0; position < 4; ++position) {
      for (int incoming = 0; incoming < 12; ++incoming) {
        if (std::count(rows.begin(), rows.end(), incoming)) continue;
        Rows after = rows;
        after[position] = incoming;
        const double exact = plain_objective(cost, after);
        const double bound = goracs_exchange_bound(cost, rows, duals, position, incoming);
        CHECK(bound <= exact + 1e-9);
        ++exchanges;
        tight += bound > exact - 0.02;
      }
    }
  }
  CHECK(exchanges == 640);
  CHECK(tight > 320); // a bound of no use would hold as well
}

TEST_CASE(
    "GORACS: F is the maximum over y, at the R-th smallest difference, a row in S left out of its own f") {
  RandomStream random(3, "goracs test");
  for (const int m : {12, 13, 9}) {
    const CostMatrix cost = random_costs(random, 10, m);
    const Rows rows{1, 2, 5, 8};
    const Vector duals = uniform_transport(cost(rows, Eigen::all)).source_duals;
    const Vector scores = goracs_scores(cost, rows, duals);
    for (int i = 0; i < 10; ++i) {
      Vector f = Vector::Constant(m, INFINITY);
      for (std::size_t s = 0; s < 4; ++s) {
        if (rows[s] == i) continue;
        f = f.cwiseMin(
            (cost.row(rows[s]).array() - duals[static_cast<Eigen::Index>(s)]).matrix().transpose());
      }
      double best = -INFINITY; // concave and piecewise linear: the maximum is at one of its corners
      for (Eigen::Index corner = 0; corner < m; ++corner) {
        const double y = cost(i, corner) - f[corner];
        best = std::max(best, y / 4 + (cost.row(i).transpose().array() - y - f.array()).cwiseMin(0).mean());
      }
      CHECK(scores[i] == Approx(best).margin(1e-12));
    }
  }
}

TEST_CASE("GORACS: refinement comes within two per cent of the best of all sets") {
  RandomStream random(4, "goracs test");
  double worst_greedy = 0;
  int exchanges = 0;
  for (int instance = 0; instance < 12; ++instance) {
    const CostMatrix cost = goracs_costs(random_rows(random, 12, 2), random_rows(random, 12, 2), {}, 0);
    double best = INFINITY;
    for_all_sets(12, 4, [&](const Rows& rows) { best = std::min(best, goracs_objective(cost, rows)); });
    const auto selection = goracs(cost, 4, {.candidates = 4});
    CHECK(selection.refined <= 1.02 * best);
    CHECK(selection.refined == Approx(plain_objective(cost, selection.rows)).margin(1e-9));
    worst_greedy = std::max(worst_greedy, selection.greedy / best - 1);
    exchanges += selection.exchanges;
  }
  CHECK(worst_greedy > 0.1); // or there would have been nothing to refine
  CHECK(exchanges > 12);
}

TEST_CASE("GORACS: J falls at every exchange, as a linear programme has it") {
  RandomStream random(5, "goracs test");
  const CostMatrix cost = random_costs(random, 40, 15);
  const int all = goracs(cost, 6).exchanges;
  REQUIRE(all >= 2);
  double before = INFINITY;
  for (int exchanges = 0; exchanges <= all; ++exchanges) {
    const auto selection = goracs(cost, 6, {.exchanges = exchanges});
    CHECK(selection.exchanges == exchanges);
    const double now = plain_objective(cost, selection.rows);
    CHECK(now < before);
    CHECK(selection.objective.back() == Approx(now).margin(1e-9));
    before = now;
  }
}

TEST_CASE("GORACS: of two identical best rows one is chosen where it suffices") {
  const CostMatrix pool{{0.0, 0.0}, {0.0, 0.0}, {3.0, 3.0}, {9.0, 9.0}};
  const CostMatrix validation{{0.0, 0.0}, {0.0, 0.1}, {3.0, 2.5}, {3.0, 2.6}}; // rows 0 and 1 are the nearest
  const CostMatrix cost = goracs_costs(pool, validation, {}, 0);
  CHECK(goracs_greedy(cost, 2) == Rows{0, 2});
  CHECK(goracs(cost, 2).rows == Rows{0, 2});
}

TEST_CASE("GORACS: greedy goes on past rows that fall out of use, and stops where no more can be of use") {
  // The middle row comes first, and serves no one once both ends are there.
  const CostMatrix pool{{5}, {0}, {10}, {9.25}};
  const CostMatrix validation{{0}, {1}, {9}, {10}};
  CHECK(goracs_greedy(distances(pool, validation), 2) == Rows{0, 1});
  CHECK(goracs_greedy(distances(pool, validation), 3) == Rows{1, 2, 3});
  // Three rows cannot all be nearest to one of two validation rows.
  const CostMatrix two{{0}, {10}};
  CHECK(goracs_greedy(distances(pool, two), 3).size() == 3);
  CHECK(goracs_greedy(distances(pool, two), 4).size() == 4);
}

TEST_CASE("GORACS by class: shares by largest remainders, each class on its own rows") {
  CHECK(largest_remainders(10, {1, 1, 1}) == std::vector<int>{4, 3, 3});
  CHECK(largest_remainders(7, {5, 3, 2}) == std::vector<int>{4, 2, 1});
  RandomStream random(6, "goracs test");
  const CostMatrix cost = random_costs(random, 30, 10);
  GoracsClasses classes{{}, {0, 0, 0, 0, 0, 0, 0, 1, 1, 1}, {"kick", "snare"}};
  for (int i = 0; i < 30; ++i) classes.pool.push_back(i % 2);
  const auto selection = goracs_by_class(cost, classes, 10);
  REQUIRE(selection.rows.size() == 10);
  CHECK(std::count_if(selection.rows.begin(), selection.rows.end(), [](int i) { return i % 2 == 0; }) == 7);
  CostMatrix snares(15, 3);
  for (int i = 0; i < 15; ++i) snares.row(i) = cost.row(2 * i + 1).tail(3);
  CHECK(selection.classes.at(1).selection.refined == Approx(goracs(snares, 3).refined).margin(1e-12));
}

TEST_CASE("GORACS refuses what it cannot choose from") {
  const CostMatrix pool{{0}, {1}, {2}}, validation{{0}, {1}};
  const CostMatrix cost = distances(pool, validation);
  CHECK_THROWS_WITH(goracs(cost, 4), Contains("4 rows of a pool of 3"));
  CHECK_THROWS_AS(goracs(cost, 0), InputError);
  CHECK_THROWS_WITH(goracs_costs(pool, validation, {}, -1), Contains("lambda"));
  CHECK_THROWS_AS(goracs_costs(pool, CostMatrix{{0.0, 1.0}}, {}, 0), InputError);
  CHECK_THROWS_WITH(goracs_costs(CostMatrix::Ones(3, 1), CostMatrix::Ones(2, 1), {}, 0),
                    Contains("no set is better"));
  const CostMatrix many = CostMatrix::Zero(10'000'000, 1);
  CHECK_THROWS_WITH(goracs_costs(many, many, {}, 0), Contains("1600000000 MB"));
  CHECK_THROWS_AS(goracs_costs(CostMatrix{{NAN}}, validation, {}, 0), InputError);
  CHECK_THROWS_AS(goracs_costs(pool, validation, Vector::Ones(2), 0.1), InputError);
  CHECK_THROWS_WITH(goracs_by_class(cost, {{0, 0, 0}, {0, 1}, {"kick", "snare"}}, 2),
                    Contains("snare") && Contains("lacks"));
  CHECK_THROWS_WITH(goracs_by_class(cost, {{0, 0, 1}, {1, 1}, {"kick", "snare"}}, 2),
                    Contains("snare") && Contains("has 1"));
}

TEST_CASE("GORACS: baselines choose as they say") {
  const CostMatrix line{{0}, {4}, {5}, {6}, {10}};
  CHECK(k_centre(line, 3) == Rows{2, 0, 4});
  CHECK(lowest(Vector{{3, 1, 2, 1}}, 3) == Rows{1, 3, 2});
}

TEST_CASE("GORACS: a row serves what transport gives it, which may be farther than the nearest") {
  const CostMatrix cost = distances(CostMatrix{{0}, {10}}, CostMatrix{{0}, {0}, {0}, {10}});
  const auto served = served_rows(cost, {0, 1});
  CHECK(served[0].nearest_share == 0.75);
  CHECK(served[0].validation.size() == 2);
  CHECK(served[1].validation.size() == 2);
}

TEST_CASE("GORACS: the report's J is that of its rows, and the evaluation of them the same") {
  RandomStream random(7, "goracs test");
  const GoracsInput input{.pool = random_rows(random, 50, 3), .validation = random_rows(random, 20, 3)};
  const auto chosen = goracs_report(input, 5, {});
  Rows rows;
  for (const auto& row : chosen.tables.at(2).table.rows) rows.push_back(static_cast<int>(*row[0].number) - 1);
  REQUIRE(rows.size() == 5);
  const CostMatrix d = distances(input.pool, input.validation);
  CHECK(*chosen.values.at(0).second.number == Approx(plain_objective(d / d.maxCoeff(), rows)).margin(1e-9));
  CHECK(*chosen.values.at(0).second.number < *chosen.values.at(1).second.number);
  CHECK(*goracs_evaluation(input, rows).values.at(0).second.number == *chosen.values.at(0).second.number);
}

TEST_CASE("GORACS: gradient norms of the classifier are those of finite differences") {
  RandomStream random(8, "goracs test");
  data::Dataset rows{
      .features = random_rows(random, 4, 3), .labels = {0, 1, 1, 0}, .class_names = {"a", "b"}};
  const SmallClassifier classifier(3, 4, 2);
  const std::vector<std::size_t> all{0, 1, 2, 3};
  const Vector theta = classifier.train(rows, all, {.steps = 5}, 1);
  const Vector norms = classifier.gradient_norms(theta, rows);
  const auto one = data::slice_rows(rows, 2, 1);
  Vector numeric(theta.size());
  for (Eigen::Index k = 0; k < theta.size(); ++k) {
    Vector up = theta, down = theta;
    up[k] += 1e-2;
    down[k] -= 1e-2;
    numeric[k] = (classifier.loss(up, one) - classifier.loss(down, one)) / 2e-2;
  }
  CHECK(norms[2] == Approx(numeric.norm()).epsilon(2e-3)); // in single precision
}

TEST_CASE("GORACS: the brief experiment's claims hold") {
  const auto report = goracs_demo({.brief = true});
  CHECK(report.claims.size() == 4);
  for (const auto& claim : report.claims) {
    INFO(claim.what << ": " << claim.measured << ", limit " << claim.limit);
    CHECK(claim.holds());
  }
}
