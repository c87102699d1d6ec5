// The diagonal network against its theory, networks trained on a grid, and the traps that the wrapper's own
// tests (tests/optim/engine/gradient_regularisation_test.cpp) do not hold: DB by exact products and its cost.
#include "optim/tools/solvers/gradient_regularization.h"

#include "dsp/error.h"
#include "optim/autodiff/jet.h"
#include "optim/engine/counting.h"
#include "optim/engine/finite_differences.h"
#include "optim/engine/random.h"
#include "optim/tools/solvers/gradient_regularization_demo.h"
#include "optim/tools/solvers/gradient_regularization_experiments.h"
#include "optim/tools/solvers/sparse_regression.h"
#include "tool_demo.h"

#include <Eigen/QR>

#include <cmath>

using namespace raphson;
using namespace raphson::optim;
using namespace raphson::optim::tools;
using Catch::Matchers::Contains;
using Eigen::Index;

namespace {

Vector random_vector(Index size, std::uint64_t seed) {
  RandomStream random(seed, "gradient-regularization test");
  Vector x(size);
  for (double& entry : x) entry = random.normal();
  return x;
}

/// Two classes of two inputs.
data::Dataset two_classes(std::size_t count, std::uint64_t seed = 1) {
  RandomStream random(seed, "two classes");
  data::Dataset rows{.features = data::RowMatrix(static_cast<Index>(count), 2)};
  rows.class_names = {"left", "right"};
  for (Index i = 0; i < rows.features.rows(); ++i) {
    const int label = static_cast<int>(random.index(2));
    rows.labels.push_back(label);
    rows.features(i, 0) = random.normal() + (label ? 1 : -1);
    rows.features(i, 1) = random.normal();
  }
  rows.name = "two classes";
  return rows;
}

using enum GradientDifference;

} // namespace

TEST_CASE("diagonal network: gradient and Hessian product against finite differences") {
  const SparseProblem problem = sparse_problem(7, 10, 3);
  const Vector theta = random_vector(20, 1), v = random_vector(20, 2);
  struct Value {
    const DiagonalNetwork& network;
    double value(const Vector& x) const {
      Vector g;
      return network.value_and_gradient(x, g);
    }
  };
  Vector gradient;
  problem.network.value_and_gradient(theta, gradient);
  const Vector expected = finite_difference_gradient(Value{problem.network}, theta);
  CHECK((gradient - expected).norm() < 1e-7 * expected.norm());
  const Vector product = finite_difference_hessian_product(problem.network, theta, v);
  CHECK((problem.network.hessian_product(theta, v) - product).norm() < 1e-6 * product.norm());
}

// The direction of F on this network is what the head comment says: a mixture of r and r', and gamma r r'.
TEST_CASE(
    "diagonal network: forward and backward differences have r' at w+^2 (1 + eps r)^2 - w-^2 (1 - eps r)^2") {
  const SparseProblem problem = sparse_problem(7, 10, 3);
  const DiagonalNetwork& network = problem.network;
  const Vector theta = 0.3 * random_vector(20, 1);
  const auto plus = theta.head(10).array(), minus = theta.tail(10).array();
  const auto r = network.slope(network.coefficients(theta)).array().eval();
  for (const double sign : {1, -1}) {
    const double gamma = 0.004, epsilon = 0.007;
    const Vector beta = plus.square() * (1 + sign * epsilon * r).square()
                        - minus.square() * (1 - sign * epsilon * r).square();
    const auto ahead = network.slope(beta).array().eval();
    // gamma / (sign epsilon) is the weight of the gradient ahead, or behind.
    const double share = sign * gamma / epsilon;
    Vector expected(20);
    expected.head(10) = plus * ((1 - share) * r + share * ahead + gamma * r * ahead);
    expected.tail(10) = minus * (-(1 - share) * r - share * ahead + gamma * r * ahead);
    Vector direction;
    regularised(network, {.gamma = gamma, .epsilon = epsilon, .mode = sign > 0 ? forward : backward})
        .value_and_gradient(theta, direction);
    CHECK((direction - expected).norm() < 1e-12 * expected.norm());
  }
}

// In a long run beta is the minimiser of the potential among all solutions: the potential's gradient,
// arcsinh(beta_i / (2 alpha_i^2)), is in the row space; the kernel and the rich regime differ in |beta|_1.
TEST_CASE("diagonal network: descent ends in the minimiser of the potential, at the effective start") {
  RandomStream random(5, "design");
  Matrix x(6, 12);
  for (double& entry : x.reshaped()) entry = 1 + random.normal();
  Vector beta = Vector::Zero(12);
  beta.head(2) << 1, 0.5;
  const DiagonalNetwork network(x, x * beta);
  double length = 1e9;
  for (const auto& [start, regularisation] :
       {std::pair(1.0, GradientRegularisation{.gamma = 0}),
        std::pair(0.1, GradientRegularisation{.gamma = 0}),
        std::pair(0.1, GradientRegularisation{.gamma = 0.1, .epsilon = 0.1})}) {
    const DiagonalRun run = train_diagonal(network, start, regularisation, 1e-3, 100000);
    CHECK(run.loss < 1e-8);
    CHECK(((run.alpha - run.predicted_alpha).array().abs() / run.predicted_alpha.array()).maxCoeff() < 0.02);
    CHECK(outside_row_space(network, run.theta) < 0.02);
    const Vector found = network.coefficients(run.theta);
    const Vector slope = (found.array() / (2 * run.predicted_alpha.array().square())).asinh();
    const Vector fitted = x.transpose() * x.transpose().colPivHouseholderQr().solve(slope);
    CHECK((slope - fitted).norm() < 0.02 * slope.norm());
    CHECK(found.lpNorm<1>() < length);
    length = found.lpNorm<1>();
  }
}

TEST_CASE("diagonal network: a run that is not finite stops and says where; bad settings are refused") {
  const SparseProblem problem = sparse_problem(7, 10, 3);
  const DiagonalRun run = train_diagonal(problem.network, 0.1, {.gamma = 0}, 10, 100);
  CHECK(run.steps < 100);
  CHECK_THROWS_AS(train_diagonal(problem.network, 0, {}, 1e-4, 10), InputError);
  CHECK_THROWS_AS(train_diagonal(problem.network, 0.1, {}, 0, 10), InputError);
  CHECK_THROWS_AS(DiagonalNetwork(Matrix(2, 3), Vector(3)), InputError);
}

namespace {

/// A tanh perceptron 2-2-2 with cross-entropy, in the order of the layout: weights [input][output], bias.
template <class S>
S loss_by_hand(const std::array<S, 12>& theta, const data::Dataset& rows, std::size_t count) {
  S sum(0.0);
  for (std::size_t i = 0; i < count; ++i) {
    std::array<S, 2> h, out;
    const Index row = static_cast<Index>(i);
    for (std::size_t k = 0; k < 2; ++k)
      h[k] = tanh(rows.features(row, 0) * theta[k] + rows.features(row, 1) * theta[2 + k] + theta[4 + k]);
    for (std::size_t k = 0; k < 2; ++k) out[k] = h[0] * theta[6 + k] + h[1] * theta[8 + k] + theta[10 + k];
    sum = sum + log(exp(out[0]) + exp(out[1])) - out[static_cast<std::size_t>(rows.labels[i])];
  }
  return sum / static_cast<double>(count);
}

} // namespace

TEST_CASE("DB is the Hessian times the gradient, by jets of second order; no gradient more is spent") {
  const data::Dataset rows = two_classes(20);
  const TableNetwork network(rows, {.model = TableModel::mlp, .hidden = {2}});
  REQUIRE(network.layout().size() == 12);
  const auto objective = network.objective<double>(rows);
  const Vector x = network.start(3) + 0.1 * random_vector(12, 4);
  using Second = Jet<double, 12>;
  std::array<Second, 12> theta;
  for (int i = 0; i < 12; ++i) theta[static_cast<std::size_t>(i)] = Second::variable(x[i], i);
  const Second loss = loss_by_hand(theta, rows, 8);
  Vector g(12), product = Vector::Zero(12);
  for (int i = 0; i < 12; ++i) g[i] = loss.g[static_cast<std::size_t>(i)];
  for (int i = 0; i < 12; ++i)
    for (int j = 0; j < 12; ++j) product[i] += loss.h[static_cast<std::size_t>(packed_index(i, j))] * g[j];

  const std::vector<std::size_t> batch{0, 1, 2, 3, 4, 5, 6, 7};
  const CountingObjective counted(*objective);
  Vector direction;
  const double value =
      regularised(counted, {.gamma = 0.5, .mode = double_backprop}).value_and_gradient(x, batch, direction);
  CHECK(value == Approx(loss.v).epsilon(1e-12));
  CHECK((direction - g - 0.5 * product).norm() < 1e-10 * direction.norm());
  CHECK(counted.evaluations().minibatch == 1);
  CHECK(counted.evaluations().hessian_product == 1);
}

// A gradient of L layers takes 3 L - 1 products, as nothing is passed back to the inputs; a Hessian product
// by forward over reverse 3 for each of them.
TEST_CASE("matrix products are counted: F and B cost two gradients, DB four") {
  for (const int layers : {2, 3, 5}) {
    const ProductCounts counts = product_counts(layers);
    CHECK(counts.plain == 3 * layers - 1);
    CHECK(counts.forward == 2 * counts.plain);
    CHECK(counts.backward == 2 * counts.plain);
    CHECK(counts.double_backprop == 4 * counts.plain);
  }
}

TEST_CASE("consequences hold at another seed than the experiment's") {
  const Consequences c = consequences(9);
  CHECK(c.sam < 1e-12);
  CHECK(c.none == 0);
  CHECK(c.one_sided == Approx(2).margin(0.2));
  CHECK(c.averaged == Approx(4).margin(0.4));
  CHECK(c.flood_down_up < 1e-10);
  CHECK(c.flood_up_down < 1e-10);
}

TEST_CASE("the grid: modes, their strengths, and what is refused") {
  using enum Regulariser;
  const auto cells = cells_of({none, Regulariser::forward, Regulariser::double_backprop, flood, sam},
                              {.gammas = {.1, 1}, .levels = {.3}, .radii = {.2}});
  REQUIRE(cells.size() == 1 + 2 * 3 + 2 + 1 + 1);
  CHECK(cells[1].gamma == .1);
  CHECK(cells[1].epsilon == .05);
  CHECK(cells[6].epsilon == 2);
  CHECK(to_string(cells[4]) == "F, γ = 1, ε = 0.5");
  CHECK(to_string(cells[8]) == "DB, γ = 1");
  CHECK(cells_of({Regulariser::backward}, {.gammas = {1}, .epsilons = {.1, .2}}).size() == 2);
  CHECK_THROWS_WITH(cells_of({none}, {.gammas = {-1}}), Contains("--gamma"));
  CHECK_THROWS_WITH(cells_of({none}, {.epsilons = {0}}), Contains("--epsilon"));
  CHECK_THROWS_WITH(cells_of({none}, {.radii = {-1}}), Contains("--rho"));
  CHECK_THROWS_WITH(regulariser_named("G"), Contains("none, F, B, DB"));
}

// gamma = 0 takes the same way as none, bit for bit; every cell starts alike and sees the same batches.
TEST_CASE("cells are trained on the same batches; costs are counted; the best is chosen on validation rows") {
  const data::Dataset training = two_classes(80), validation = two_classes(200, 2);
  const TableNetwork network(training, {.model = TableModel::mlp, .hidden = {4}});
  using R = Regulariser;
  const std::vector<RegularisedCell> cells{{},
                                           {R::forward, 0, 1},
                                           {R::forward, .3, .3},
                                           {R::double_backprop, .3},
                                           {R::forward, .3, .1},
                                           {R::sam, 0, 0},
                                           {R::double_backprop, 1e300}};
  const RegularisedOptions options{.batch_size = 16, .epochs = 6, .look_every = 2, .threads = 2};
  const auto runs = train_cells(network, training, validation, cells, options);
  CHECK(runs[1].parameters == runs[0].parameters);
  CHECK(runs[5].parameters == runs[0].parameters);
  CHECK(runs[2].parameters != runs[0].parameters);
  CHECK(runs[4].parameters != runs[2].parameters); // gamma apart from epsilon
  CHECK(runs[0].gradients == 30);
  CHECK(runs[1].gradients == 30);
  CHECK(runs[2].gradients == 60);
  CHECK(runs[3].gradients == 30);
  CHECK(runs[3].hessian_products == 30);
  CHECK(runs[0].epochs == std::vector<double>{0, 2, 4, 6});
  CHECK(runs[0].loss.back() == Approx(runs[0].training_loss));
  CHECK(runs[0].top_eigenvalue > 0);
  CHECK_THAT(runs[6].broke, Contains("step"));
  const std::size_t best = best_run(runs);
  REQUIRE(best < 6);
  for (const RegularisedRun& run : runs)
    if (run.broke.empty()) CHECK(run.score <= runs[best].score);
  CHECK(best_run(runs, R::double_backprop) == 3);
  CHECK(best_run(runs, R::flood) == runs.size());
  CHECK(best_run({runs[6]}) == 1);
  report::ToolReport report;
  add_runs(runs, network, report);
  REQUIRE(report.warnings.size() == 1);
  CHECK_THAT(report.warnings[0], Contains("DB, γ = 1e+300") && Contains("halve γ"));
  CHECK(report.tables.at(0).table.rows.size() == runs.size());
}

TEST_CASE("a level of flooding above the first loss is warned of; the rest that cannot be is refused") {
  const data::Dataset training = two_classes(40);
  const TableNetwork network(training, {.model = TableModel::mlp, .hidden = {3}});
  const auto train = [&](const RegularisedCell& cell, RegularisedOptions options) {
    options.look_every = 1;
    return train_cells(network, training, training, {cell}, options);
  };
  const auto runs = train({Regulariser::flood, 100}, {.learning_rate = .01, .batch_size = 8, .epochs = 2});
  report::ToolReport report;
  add_runs(runs, network, report);
  REQUIRE(report.warnings.size() == 1);
  CHECK_THAT(report.warnings[0], Contains("ascends"));
  CHECK(runs[0].training_loss > runs[0].first_loss);
  CHECK_THROWS_WITH(train({}, {.learning_rate = 0, .batch_size = 8}), Contains("--lr"));
  CHECK_THROWS_WITH(train({}, {.batch_size = 41}), Contains("41 of the 40"));
  CHECK_THROWS_WITH(train({}, {.batch_size = 8, .epochs = 0}), Contains("--epochs"));
  CHECK_THROWS_WITH(train({Regulariser::double_backprop, 1}, {.batch_size = 8, .most_hvp_parameters = 10}),
                    Contains("--max-hvp"));
  CHECK_THROWS_AS(train({Regulariser::forward, 1, 0}, {.batch_size = 8}), InputError);
  data::Dataset constant = training;
  constant.labels.assign(40, 1);
  CHECK_THROWS_WITH(TableNetwork(constant, {.model = TableModel::mlp}), Contains("same in every row"));
}

TEST_CASE("labels are redrawn with the probability asked for, from all classes") {
  data::Dataset rows = two_classes(4000);
  const std::vector<int> before = rows.labels;
  redraw_labels(rows, 0, 1);
  CHECK(rows.labels == before);
  redraw_labels(rows, 0.4, 1);
  int changed = 0;
  for (std::size_t i = 0; i < before.size(); ++i) changed += rows.labels[i] != before[i];
  CHECK(changed / 4000.0 == Approx(0.2).margin(0.03)); // half of those redrawn come out as they were
  CHECK_THROWS_WITH(redraw_labels(rows, 1.1, 1), Contains("--label-noise"));
  data::Dataset numbers{.features = data::RowMatrix(2, 1), .target = Vector(2)};
  CHECK_THROWS_WITH(redraw_labels(numbers, 0.1, 1), Contains("no classes"));
}

TEST_CASE(
    "sparse regression finds few of many columns, in the table's units; regularisation makes it sparser") {
  RandomStream random(6, "columns");
  data::Dataset table{.features = data::RowMatrix(40, 30), .target = Vector(40)};
  table.name = "columns";
  for (double& entry : table.features.reshaped()) entry = 100 + 50 * random.normal();
  table.target = 3 * table.features.col(4) + 2 * table.features.col(9);
  const auto cells = cells_of({Regulariser::none, Regulariser::forward}, {.gammas = {.3}, .epsilons = {.6}});
  const report::ToolReport report = sparse_regression(table, cells, {.steps = 20000});
  const report::Table& runs = report.tables.at(0).table;
  REQUIRE(runs.rows.size() == 2);
  CHECK(*runs.rows[1][3].number < *runs.rows[0][3].number); // |beta|_1
  CHECK(*runs.rows[1][4].number < *runs.rows[0][4].number); // alpha
  CHECK(report.values.back().second.number.value() > 0.8);
  const report::Table& largest = report.tables.at(1).table;
  CHECK(largest.rows[0][0].text == "5");
  CHECK(*largest.rows[0][1].number == Approx(3).margin(0.5));
  CHECK(largest.rows[1][0].text == "10");

  data::Dataset constant = table;
  constant.target.setConstant(2);
  CHECK_THROWS_WITH(sparse_regression(constant, cells, {}), Contains("same in every row"));
  CHECK_THROWS_WITH(sparse_regression(table, cells, {.held_out = 0}), Contains("--valid"));
  CHECK_THROWS_WITH(sparse_regression(two_classes(20), cells, {}), Contains("target of numbers"));
  CHECK_THROWS_AS(sparse_regression(table,
                                    cells_of({Regulariser::forward}, {.gammas = {1e6}, .epsilons = {1e6}}),
                                    {.steps = 100}),
                  std::runtime_error);
}

TEST_CASE("gradient-regularization's experiment, in short") {
  check_claims(gradient_regularization_demo({.brief = true}));
}
