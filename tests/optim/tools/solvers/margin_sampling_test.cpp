#include "tool_demo.h"

#include "dsp/error.h"
#include "optim/data/labels.h"
#include "optim/data/split.h"
#include "optim/tools/solvers/margin_model.h"
#include "optim/tools/solvers/margin_sampling_demo.h"
#include "optim/tools/solvers/margin_study.h"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <set>

using namespace raphson::optim;
using namespace raphson::optim::tools;
using Catch::Matchers::Contains;
using Eigen::Index;
using Strategy = LabellingStrategy;

namespace {

const auto strategies = {Strategy::passive, Strategy::margin, Strategy::one_shot, Strategy::oracle,
                         Strategy::mixed};

ReplayOptions options(Strategy strategy, std::vector<std::size_t> budgets, std::size_t batch = 4,
                      double mix = 0.5) {
  return {strategy, std::move(budgets), batch, mix, 1e-6};
}

/// Maximum margin through the origin: min 1/2 |w|^2, y_i x_i^T w >= 1, by coordinate ascent on its dual.
Vector maximum_margin(const Matrix& x, const std::vector<int>& labels) {
  Vector alpha = Vector::Zero(x.rows()), w = Vector::Zero(x.cols());
  for (int sweep = 0; sweep < 200000; ++sweep) {
    double change = 0;
    for (Index i = 0; i < x.rows(); ++i) {
      const double y = labels[static_cast<std::size_t>(i)] ? 1 : -1;
      const double next = std::max(0.0, alpha[i] + (1 - y * x.row(i).dot(w)) / x.row(i).squaredNorm());
      w += (next - alpha[i]) * y * x.row(i).transpose();
      change = std::max(change, std::abs(next - alpha[i]));
      alpha[i] = next;
    }
    if (change < 1e-12) break;
  }
  return w;
}

double degrees_between(const Vector& a, const Vector& b) {
  return std::acos(a.dot(b) / (a.norm() * b.norm())) * 180 / std::numbers::pi;
}

/// A table of two classes that overlap, `columns` wide.
data::Dataset two_classes(std::size_t rows, Index columns, std::uint64_t seed = 1) {
  RandomStream random(seed, "two classes");
  data::Dataset d;
  d.name = "two.csv";
  d.features.resize(static_cast<Index>(rows), columns);
  std::vector<int> labels(rows);
  for (std::size_t i = 0; i < rows; ++i) {
    labels[i] = static_cast<int>(i % 2);
    for (Index j = 0; j < columns; ++j)
      d.features(static_cast<Index>(i), j) = random.normal() + (j == 0 ? 3.0 * labels[i] : 0);
  }
  data::set_labels(d, labels, d.name);
  return d;
}

} // namespace

// Trap: strategies that start from other seed sets, or train on the queried rows alone.
TEST_CASE("Without a budget to spend all strategies agree to the bit") {
  const LabelledPool pool = draw_margin_model({.dimensions = 30}, 200, 1);
  const PoolOrder order = draw_pool_order(pool, 20, 1);
  const Vector oracle = pool.x.col(0).cwiseAbs();
  const Replay passive = replay(pool, order, options(Strategy::passive, {20, 30}), oracle, 1);
  for (const Strategy strategy : strategies) {
    const Replay r = replay(pool, order, options(strategy, {20, 30}), oracle, 1);
    CHECK(r.classifiers[0].weights() == passive.classifiers[0].weights());
    CHECK(std::equal(order.seed_set.begin(), order.seed_set.end(), r.labelled.begin()));
    CHECK(r.labelled.size() == 30);
    CHECK(std::set<std::size_t>(r.labelled.begin(), r.labelled.end()).size() == 30); // each row once
    // the final classifier is that of all labelled rows
    std::vector<int> labels;
    for (const std::size_t row : r.labelled) labels.push_back(pool.labels[row]);
    const LogisticClassifier all(pool.x(r.labelled, Eigen::all), labels, 2, 1e-6);
    CHECK(all.weights() == r.classifiers[1].weights());
  }
}

TEST_CASE("A mix of 0 is margin sampling, of 1 passive; one batch of margin sampling is one-shot") {
  const LabelledPool pool = draw_margin_model({.dimensions = 50}, 300, 2);
  const PoolOrder order = draw_pool_order(pool, 20, 2);
  const auto labelled = [&](const ReplayOptions& o) { return replay(pool, order, o, {}, 3).labelled; };
  const auto margin = labelled(options(Strategy::margin, {30, 44}));
  CHECK(labelled(options(Strategy::mixed, {30, 44}, 4, 0)) == margin);
  CHECK(labelled(options(Strategy::mixed, {30, 44}, 4, 1)) == labelled(options(Strategy::passive, {30, 44})));
  CHECK(labelled(options(Strategy::margin, {44}, 100)) == labelled(options(Strategy::one_shot, {44})));
  CHECK(margin != labelled(options(Strategy::one_shot, {30, 44})));
  const auto mixed = labelled(options(Strategy::mixed, {44}, 24, 0.5));
  const auto passive = labelled(options(Strategy::passive, {44})),
             near = labelled(options(Strategy::margin, {44}, 24));
  const auto shared = [&](const std::vector<std::size_t>& with) {
    return std::count_if(mixed.begin() + 20, mixed.end(), [&](std::size_t row) {
      return std::find(with.begin() + 20, with.end(), row) != with.end();
    });
  };
  CHECK(shared(passive) >= 4);
  CHECK(shared(near) >= 4);
}

// Trap: strong regularisation, or a few gradient steps. Separable data: w must come close to maximum margin.
TEST_CASE("The classifier comes close to the maximum margin on separable rows") {
  RandomStream random(1, "separable");
  Matrix x(20, 200);
  for (double& entry : x.reshaped()) entry = random.normal();
  std::vector<int> labels(20);
  for (int& label : labels) label = random.uniform() < 0.5;
  const Vector best = maximum_margin(x, labels);
  CHECK(degrees_between(LogisticClassifier(x, labels, 2, 1e-6).weights().col(0), best) < 2.5);
  CHECK(degrees_between(LogisticClassifier(x, labels, 2, 1e-2).weights().col(0), best) > 2.5);
}

// Trap: scores from probabilities. Both rows have probability 1; the nearer one still comes first.
TEST_CASE("Distances tell saturated rows apart, on both sides of the boundary") {
  Matrix x(4, 1);
  x << -1, 1, -1.1, 1.1;
  const LogisticClassifier c(x, {0, 1, 0, 1}, 2, 1e-8);
  Matrix far(4, 1);
  far << 900, -800, 700, -950;
  const Vector d = c.distances(far);
  CHECK(1 / (1 + std::exp(-c.weights()(0, 0) * 700)) == 1.0);
  CHECK(nearest_rows(d, {0, 1, 2, 3}, 4) == std::vector<std::size_t>{2, 1, 0, 3});
  CHECK(d[2] == Approx(700));                                                                 // |x^T w| / |w|
  CHECK(nearest_rows(Vector::Zero(4), {3, 1, 2, 0}, 3) == std::vector<std::size_t>{0, 1, 2}); // ties by row
}

// Trap: signed distance asks on one side only.
TEST_CASE("The oracle asks on both sides of the boundary for the rows nearest to it") {
  const LabelledPool pool = draw_margin_model({.dimensions = 40}, 2000, 4);
  const PoolOrder order = draw_pool_order(pool, 20, 4);
  const Replay r = replay(pool, order, options(Strategy::oracle, {220}), pool.x.col(0).cwiseAbs(), 4);
  const auto ones = std::count_if(r.labelled.begin() + 20, r.labelled.end(),
                                  [&](std::size_t row) { return pool.labels[row] == 1; });
  CHECK(ones >= 70);
  CHECK(ones <= 130);
  double farthest = 0;
  for (std::size_t k = 20; k < r.labelled.size(); ++k)
    farthest = std::max(farthest, std::abs(pool.x(static_cast<Index>(r.labelled[k]), 0)));
  const std::set<std::size_t> taken(r.labelled.begin(), r.labelled.end());
  for (std::size_t row = 0; row < pool.size(); ++row)
    if (!taken.contains(row)) CHECK(std::abs(pool.x(static_cast<Index>(row), 0)) >= farthest);
}

TEST_CASE(
    "The model's rows have the distances that its quadrature says, and its exact error is that of rows") {
  for (const MarginModel& m :
       {MarginModel{4, 2, 1, 0}, MarginModel{4, 1, 2, 0.5}, MarginModel{4, 0.5, 0.4, 3}}) {
    const LabelledPool pool = draw_margin_model(m, 40000, 7);
    double mean = 0, square = 0, ones = 0;
    for (std::size_t i = 0; i < pool.size(); ++i) {
      const double x1 = pool.x(static_cast<Index>(i), 0);
      CHECK((x1 > 0) == (pool.labels[i] == 1));
      CHECK(std::abs(x1) >= m.gamma);
      mean += std::abs(x1) / 40000;
      square += x1 * x1 / 40000;
      ones += pool.labels[i] / 40000.0;
    }
    CHECK(mean == Approx(expected_over_distance(m, [](double a) { return a; })).epsilon(0.02));
    CHECK(square == Approx(expected_over_distance(m, [](double a) { return a * a; })).epsilon(0.03));
    CHECK(ones == Approx(0.5).margin(0.01));
    Vector w(4);
    w << 0.5, 0.8, -0.3, 0.4;
    const Vector logits = pool.x * w;
    double wrong = 0;
    for (std::size_t i = 0; i < pool.size(); ++i)
      wrong += (logits[static_cast<Index>(i)] > 0) != (pool.labels[i] == 1);
    CHECK(exact_error(m, w) == Approx(wrong / 40000).margin(0.01));
  }
  // E over a full normal is its mean.
  CHECK(expected_over_distance({4, 30, 1, 0}, [](double a) { return a; }) == Approx(30).epsilon(1e-9));
}

// d >> n: the direction is sum y x, and the error the closed form's.
TEST_CASE("In many dimensions the classifier's error is that of the closed form") {
  const MarginModel m{.dimensions = 4000};
  double error = 0, predicted = 0;
  for (std::uint64_t seed = 1; seed <= 4; ++seed) {
    const LabelledPool pool = draw_margin_model(m, 30, seed);
    Vector sum = Vector::Zero(m.dimensions);
    std::vector<std::size_t> rows;
    for (std::size_t i = 0; i < pool.size(); ++i) {
      sum += (pool.labels[i] ? 1 : -1) * pool.x.row(static_cast<Index>(i)).transpose();
      rows.push_back(i);
    }
    const Vector w = LogisticClassifier(pool.x, pool.labels, 2, 1e-6).weights().col(0);
    CHECK(degrees_between(w, sum) < 12);
    error += exact_error(m, w) / 4;
    predicted += predicted_error(m, 30, mean_distance(pool, rows)) / 4;
  }
  CHECK(error == Approx(predicted).epsilon(0.05));
}

// Trap: test rows in the pool, or in the figures that scale it.
TEST_CASE("What the test rows hold has no say in what is asked for") {
  data::Dataset table = two_classes(120, 6);
  MarginStudyOptions o;
  o.budgets = {20, 40};
  o.repeats = 1;
  const MarginStudy before = margin_study(table, o);
  CHECK(before.pool_rows == 90);
  CHECK(before.test_rows == 30);
  const data::Split split = data::split_by_class(table, o.test_share, o.seed);
  for (const std::size_t row : split.held_out) table.features.row(static_cast<Index>(row)) *= 100;
  const MarginStudy after = margin_study(table, o);
  CHECK(before.pool_distances == after.pool_distances);
  CHECK(before.queried_distances == after.queried_distances);
  for (const std::size_t row : split.training)
    CHECK(std::count(split.held_out.begin(), split.held_out.end(), row) == 0);
}

TEST_CASE(
    "A study repeats, on any number of threads, and its passive errors are those of any strategy alone") {
  const data::Dataset table = two_classes(160, 5);
  MarginStudyOptions o;
  o.budgets = {20, 60};
  o.repeats = 3;
  const MarginStudy one = margin_study(table, o);
  o.threads = 3;
  const MarginStudy three = margin_study(table, o);
  o.strategies = {Strategy::oracle};
  const MarginStudy oracle = margin_study(table, o);
  for (std::size_t s = 0; s < one.strategies.size(); ++s)
    CHECK(one.strategies[s].errors == three.strategies[s].errors);
  CHECK(oracle.of(Strategy::oracle).errors == one.of(Strategy::oracle).errors);
  CHECK(one.of(Strategy::passive).errors.row(1).mean() < 0.2);
  CHECK_THROWS_AS(oracle.of(Strategy::passive), std::out_of_range);
}

TEST_CASE("Three classes are told apart one against the rest; the margin is the top logit over the second") {
  Matrix x(6, 3);
  x << 2, 0, 1, 3, 0, 1, 0, 2, 1, 0, 3, 1, -2, -2, 1, -3, -3, 1;
  const LogisticClassifier c(x, {0, 0, 1, 1, 2, 2}, 3, 1e-4);
  CHECK(c.error(x, {0, 0, 1, 1, 2, 2}) == 0);
  CHECK(c.error(x, {1, 0, 1, 1, 2, 2}) == Approx(1.0 / 6));
  const Eigen::RowVectorXd logits = x.row(0) * c.weights();
  std::vector<double> sorted(logits.begin(), logits.end());
  std::sort(sorted.begin(), sorted.end());
  CHECK(c.distances(x)[0] == Approx(sorted[2] - sorted[1]));
}

TEST_CASE("A paired difference is that of its mean, by hand") {
  const PairedDifference d = paired_difference(Vector{{1, 2, 4}}, Vector{{1, 1, 1}});
  CHECK(d.mean == Approx(4.0 / 3));
  CHECK(d.error == Approx(std::sqrt((16 + 1 + 25) / 9.0 / 2 / 3)));
  CHECK(d.high - d.low == Approx(2 * 4.303 * d.error)); // t of 2 degrees of freedom
  const PairedDifference many = paired_difference(Vector::LinSpaced(31, 0, 1), Vector::Zero(31));
  CHECK(many.high - many.mean == Approx(2.0423 * many.error).epsilon(1e-3)); // of 30
  CHECK(d.share_below == 0);
}

TEST_CASE("Rows to label next: the nearest by margin, random ones by pl, and auto by what the replay says") {
  const data::Dataset labelled = two_classes(60, 3, 1);
  const data::RowMatrix pool = two_classes(100, 3, 2).features;
  MarginStudyOptions o;
  o.repeats = 6;
  const Selection margin = select_to_label(labelled, pool, 10, SelectionRule::margin, o);
  CHECK(margin.rows.size() == 10);
  for (std::size_t k = 1; k < 10; ++k)
    CHECK(margin.distances[static_cast<Index>(margin.rows[k - 1])]
          <= margin.distances[static_cast<Index>(margin.rows[k])]);
  for (Index row = 0; row < 100; ++row)
    if (std::count(margin.rows.begin(), margin.rows.end(), static_cast<std::size_t>(row)) == 0)
      CHECK(margin.distances[row] >= margin.distances[static_cast<Index>(margin.rows.back())]);
  const Selection passive = select_to_label(labelled, pool, 10, SelectionRule::passive, o);
  CHECK(std::set<std::size_t>(passive.rows.begin(), passive.rows.end()).size() == 10);
  CHECK(*std::max_element(passive.rows.begin(), passive.rows.end()) < 100);
  CHECK(passive.rows != margin.rows);
  const Selection automatic = select_to_label(labelled, pool, 10, SelectionRule::automatic, o);
  CHECK(automatic.rows == (automatic.margin ? margin.rows : passive.rows));
  CHECK(automatic.margin == (automatic.replayed.mean < -automatic.replayed.error));
  CHECK(automatic.replayed_seed_size < automatic.replayed_budget);
}

TEST_CASE("Margin sampling says what is wrong with its input") {
  const LabelledPool pool = draw_margin_model({.dimensions = 5}, 50, 1);
  const PoolOrder order = draw_pool_order(pool, 10, 1);
  const auto play = [&](ReplayOptions o) { return replay(pool, order, o, {}, 1); };
  CHECK_THROWS_WITH(play(options(Strategy::passive, {})), Contains("--budgets"));
  CHECK_THROWS_WITH(play(options(Strategy::passive, {20, 20})), Contains("20 does not rise"));
  CHECK_THROWS_WITH(play(options(Strategy::passive, {9})), Contains("below the 10 rows of the seed set"));
  CHECK_THROWS_WITH(play(options(Strategy::passive, {51})), Contains("above the 50 rows of the pool"));
  CHECK_THROWS_WITH(play(options(Strategy::mixed, {20}, 4, 1.5)), Contains("--mix"));
  CHECK_THROWS_WITH(play(options(Strategy::margin, {20}, 0)), Contains("--batch"));
  CHECK_THROWS_WITH(draw_pool_order(pool, 51, 1), Contains("--seed-size"));
  CHECK_THROWS_WITH(draw_pool_order(pool, 1, 1), Contains("2 classes"));
  CHECK_THROWS_WITH(parse_strategy("best"), Contains("pl, margin, oneshot, oracle or mixed"));
  CHECK_THROWS_WITH(check({.dimensions = 1}), Contains("--d"));
  CHECK_THROWS_WITH(check({.sigma = 0}), Contains("--sigma"));
  CHECK_THROWS_WITH(check({.gamma = -1}), Contains("--gamma"));

  data::Dataset table = two_classes(40, 3);
  MarginStudyOptions o;
  o.budgets = {20};
  o.repeats = 1;
  const auto study = [&](auto change) {
    data::Dataset bad = table;
    MarginStudyOptions with = o;
    change(bad, with);
    margin_study(bad, with);
  };
  CHECK_THROWS_WITH(study([](data::Dataset& d, auto&) { d.labels.clear(); }),
                    Contains("two.csv") && Contains("--target"));
  CHECK_THROWS_WITH(study([](data::Dataset& d, auto&) { d.labels.assign(40, 0); }),
                    Contains("fewer than two classes"));
  CHECK_THROWS_WITH(study([](data::Dataset& d, auto&) { d.features(6, 1) = NAN; }),
                    Contains("two.csv: row 7"));
  CHECK_THROWS_WITH(study([](auto&, MarginStudyOptions& w) { w.test_share = 1; }), Contains("--test"));
  CHECK_THROWS_WITH(study([](auto&, MarginStudyOptions& w) { w.repeats = 0; }), Contains("--repeats"));
  CHECK_THROWS_WITH(select_to_label(table, data::RowMatrix::Zero(5, 4), 2, SelectionRule::margin, o),
                    Contains("the pool has 4 columns, two.csv has 3"));
  CHECK_THROWS_WITH(select_to_label(table, data::RowMatrix::Zero(5, 3), 6, SelectionRule::margin, o),
                    Contains("--count"));
  data::Dataset one = table;
  one.labels.assign(40, 0);
  one.labels[0] = 1;
  CHECK_THROWS_WITH(select_to_label(one, data::RowMatrix::Zero(5, 3), 2, SelectionRule::margin, o),
                    Contains("class 1 has 1 labelled rows"));
}

TEST_CASE("The brief experiment of margin-sampling holds what it claims") {
  check_claims(margin_sampling_demo({.brief = true}));
}
