// Pruning by the inverse Fisher matrix against dense matrices, and what it must not be: without the others'
// moves, on a matrix that still has what was dropped, on biases, on whole-set gradients. The inverse and the
// solver are held by tests/optim/engine/inverse_fisher_test.cpp.
#include "optim/tools/solvers/m_fac.h"

#include "dsp/error.h"
#include "dsp/io/atomic_file.h"
#include "optim/tools/solvers/m_fac_demo.h"
#include "optim/tools/solvers/m_fac_experiments.h"
#include "optim/tools/solvers/m_fac_report.h"
#include "optim/tools/solvers/model_rows.h"
#include "tool_demo.h"

#include "../../data/scratch_folder.h"

#include <Eigen/Cholesky>
#include <Eigen/LU>

#include <cmath>
#include <limits>
#include <set>

using namespace raphson;
using namespace raphson::optim;
using namespace raphson::optim::tools;
using Catch::Matchers::Contains;
using Eigen::Index;

namespace {

/// Three classes of 5 inputs, and a network 5-6-3 with biases that are not zero.
struct Small {
  data::Dataset rows;
  std::unique_ptr<TableNetwork> network;
  Vector parameters;

  explicit Small(std::uint64_t seed = 1) {
    RandomStream random(seed, "m-fac test");
    rows.features.resize(90, 5);
    for (double& x : rows.features.reshaped()) x = random.normal();
    rows.class_names = {"a", "b", "c"};
    for (Index i = 0; i < 90; ++i)
      rows.labels.push_back(rows.features(i, 0) + 0.3 * random.normal() > 0.4 ? 0
                            : rows.features(i, 1) > 0                         ? 1
                                                                              : 2);
    network =
        std::make_unique<TableNetwork>(rows, TableNetworkOptions{.model = TableModel::mlp, .hidden = {6}});
    parameters = network->start(seed);
    for (double& x : parameters) x += 0.2 * random.normal();
  }
  std::unique_ptr<nn::NetworkObjective<double>> objective() const { return network->objective<double>(rows); }
  const nn::Layout& layout() const { return network->layout(); }
};

Matrix dense_fisher(const RowMatrix& g, double lambda) {
  return lambda * Matrix::Identity(g.cols(), g.cols()) + g.transpose() * g / static_cast<double>(g.rows());
}

std::set<Index> without(const std::vector<Index>& all, const std::vector<Index>& kept) {
  std::set<Index> dropped(all.begin(), all.end());
  for (const Index p : kept) dropped.erase(p);
  return dropped;
}

} // namespace

// Of all moves that bring w_p to zero the one with the least delta^T F delta: delta = -(w_p / [F^-1]_pp) F^-1
// e_p.
TEST_CASE("m-fac: one weight is dropped by the constrained minimum") {
  RandomStream random(2, "m-fac test");
  RowMatrix g(6, 10);
  for (double& x : g.reshaped()) x = random.normal();
  Vector w(10);
  for (double& x : w) x = random.normal();
  const InverseFisher inverse(g, 0.05);
  const Matrix f = dense_fisher(g, 0.05);
  for (const Index p : {0, 4, 9}) {
    Vector pruned = w;
    drop(inverse, inverse.diagonal(), {p}, pruned);
    CHECK(pruned[p] == 0);
    // The constrained minimum by its optimality system: F delta = mu e_p, delta_p = -w_p.
    Matrix system = Matrix::Zero(11, 11);
    system.topLeftCorner(10, 10) = f;
    system(p, 10) = system(10, p) = 1;
    Vector right = Vector::Zero(11);
    right[10] = -w[p];
    const Vector delta = system.partialPivLu().solve(right).head(10);
    CHECK((pruned - w - delta).norm() < 1e-11);
    CHECK(0.5 * delta.dot(f * delta) == Approx(w[p] * w[p] / (2 * inverse.entry(p, p))).epsilon(1e-10));
    CHECK(delta.norm() > 1.01 * std::abs(w[p])); // the others move
  }
}

// Two recomputations by dense matrices, on what is left alone: dropped weights are no part of the second F.
TEST_CASE("m-fac: pruning in steps follows its equations with dense inverses") {
  const Small small;
  const auto objective = small.objective();
  for (const Index block : {0, 16}) {
    const PruneOptions options{
        .gradients = 20, .recomputations = 3, .block = block, .lambda = 1e-3, .seed = 7};
    const Pruned pruned = prune(*objective, small.layout(), small.parameters, 0.8, options);

    RandomStream random(7, "pruning gradients");
    Vector x = small.parameters;
    std::vector<Index> kept = weight_positions(small.layout());
    const auto all = static_cast<double>(kept.size());
    CHECK(all == 5 * 6 + 6 * 3);
    for (int j = 1; j <= 3; ++j) {
      const RowMatrix g = sampled_gradients(*objective, x, kept, 20, 1, random);
      Matrix f = dense_fisher(g, 1e-3);
      for (Index p = 0; p < f.rows() && block > 0; ++p)
        for (Index q = 0; q < f.rows(); ++q)
          if (p / block != q / block) f(p, q) = 0;
      const Matrix inverse = f.llt().solve(Matrix::Identity(f.rows(), f.rows()));
      const Vector w = x(kept);
      std::vector<std::pair<double, Index>> order;
      for (Index p = 0; p < w.size(); ++p) order.emplace_back(w[p] * w[p] / (2 * inverse(p, p)), p);
      std::sort(order.begin(), order.end());
      const std::size_t count =
          kept.size() - static_cast<std::size_t>(std::lround(all * std::pow(0.2, j / 3.0)));
      Vector moved = w;
      for (std::size_t k = 0; k < count; ++k)
        moved -=
            w[order[k].second] / inverse(order[k].second, order[k].second) * inverse.col(order[k].second);
      for (std::size_t k = 0; k < count; ++k) moved[order[k].second] = 0;
      x(kept) = moved;
      std::erase_if(kept, [&](Index p) { return x[p] == 0; });
    }
    CHECK(pruned.kept == kept);
    CHECK((pruned.parameters - x).norm() < 1e-8 * x.norm());
    CHECK_FALSE(pruned.without_gradients);
  }
}

TEST_CASE("m-fac: sparsity counts weights; biases stay to the bit, what is dropped is exactly zero") {
  const Small small;
  const auto objective = small.objective();
  const std::vector<Index> weights = weight_positions(small.layout());
  for (const PruneScore score : {PruneScore::m_fac, PruneScore::diagonal_fisher, PruneScore::magnitude})
    for (const double sparsity : {0.25, 0.75}) {
      const Pruned pruned = prune(*objective, small.layout(), small.parameters, sparsity,
                                  {.score = score, .gradients = 16, .recomputations = 4});
      CHECK(pruned.weights == 48);
      CHECK(static_cast<long>(pruned.kept.size()) == std::lround(48 * (1 - sparsity)));
      for (const Index p : without(weights, pruned.kept)) CHECK(pruned.parameters[p] == 0);
      for (const Index p : pruned.kept) CHECK(pruned.parameters[p] != 0);
      for (Index p = 0; p < small.parameters.size(); ++p)
        if (std::find(weights.begin(), weights.end(), p) == weights.end())
          CHECK(pruned.parameters[p] == small.parameters[p]);
      const Vector tuned = fine_tuned(*objective, pruned, small.layout(), 20, 0.01, 1);
      for (const Index p : without(weights, pruned.kept)) CHECK(tuned[p] == 0);
      CHECK(objective->value(tuned) < objective->value(pruned.parameters));
    }
  // Magnitude drops the smallest and leaves the others as they are.
  const Pruned pruned =
      prune(*objective, small.layout(), small.parameters, 0.5, {.score = PruneScore::magnitude});
  double largest = 0, least = std::numeric_limits<double>::infinity();
  for (const Index p : without(weights, pruned.kept))
    largest = std::max(largest, std::abs(small.parameters[p]));
  for (const Index p : pruned.kept) {
    least = std::min(least, std::abs(small.parameters[p]));
    CHECK(pruned.parameters[p] == small.parameters[p]);
  }
  CHECK(largest <= least);
}

// Gradients of whole sets would be alike, and F of rank one.
TEST_CASE("m-fac: the gradients are of single examples or small batches, each example's turn") {
  const Small small;
  const auto objective = small.objective();
  const std::vector<Index> weights = weight_positions(small.layout());
  RandomStream random(3, "rank"), again(3, "rank");
  const RowMatrix g = sampled_gradients(*objective, small.parameters, weights, 12, 1, random);
  CHECK(Eigen::FullPivLU<Matrix>(g).rank() == 12);
  const RowMatrix of_batches = sampled_gradients(*objective, small.parameters, weights, 6, 2, again);
  for (Index k = 0; k < 6; ++k)
    CHECK((of_batches.row(k) - 0.5 * (g.row(2 * k) + g.row(2 * k + 1))).norm() < 1e-12);
  // 90 of 90: every example once, so their mean is the whole gradient.
  const RowMatrix all = sampled_gradients(*objective, small.parameters, weights, 90, 1, random);
  Vector mean;
  objective->value_and_gradient(small.parameters, mean);
  CHECK((all.colwise().mean().transpose() - mean(weights)).norm() < 1e-12);
  CHECK(sampled_gradients(*objective, small.parameters, weights, 200, 1, random).rows() == 200);
}

TEST_CASE("m-fac: without gradients pruning is by magnitude, and is said to be") {
  data::Dataset rows{.features = data::RowMatrix::Zero(20, 4), .target = Vector::LinSpaced(20, -1, 1)};
  rows.target.tail(10) = -rows.target.head(10).reverse();
  const TableNetwork network(rows, {.model = TableModel::mlp, .hidden = {3}});
  data::Dataset silent = rows;
  silent.target.setZero();
  const auto objective = network.objective<double>(silent); // inputs and outputs of zero
  const Vector start = network.start(4);
  const Pruned by_fisher =
      prune(*objective, network.layout(), start, 0.5, {.gradients = 8, .recomputations = 3});
  const Pruned by_size = prune(*objective, network.layout(), start, 0.5, {.score = PruneScore::magnitude});
  CHECK(by_fisher.without_gradients);
  CHECK_FALSE(by_size.without_gradients);
  CHECK(by_fisher.kept == by_size.kept);
  CHECK((by_fisher.parameters - by_size.parameters).norm() < 1e-12);
}

TEST_CASE("m-fac: what cannot be pruned is refused") {
  const Small small;
  const auto objective = small.objective();
  const auto refused = [&](double sparsity, const PruneOptions& options, const char* word) {
    CHECK_THROWS_WITH(prune(*objective, small.layout(), small.parameters, sparsity, options), Contains(word));
  };
  refused(0, {}, "sparsity");
  refused(1, {}, "sparsity");
  refused(0.999, {.gradients = 8}, "leaves none");
  refused(0.5, {.gradients = 0}, "gradients");
  refused(0.5, {.batch = 91}, "91 of the 90");
  refused(0.5, {.recomputations = 0}, "recomputations");
  refused(0.5, {.block = -1}, "blocks");
  refused(0.5, {.lambda = 0}, "damping");
  refused(0.5, {.gradients = 256, .memory = 48 * 8 * 100 + 7}, "100 gradients would fit");
  Vector broken = small.parameters;
  broken[0] = std::numeric_limits<double>::quiet_NaN();
  CHECK_THROWS_WITH(prune(*objective, small.layout(), broken, 0.5), Contains("not finite"));
  const auto study = [&](std::vector<double> sparsities) {
    run_prunings(*small.network, small.rows, small.rows, small.parameters,
                 {.sparsities = std::move(sparsities)});
  };
  CHECK_THROWS_WITH(study({}), Contains("--sparsity"));
  CHECK_THROWS_WITH(study({0.9, 0.5}), Contains("rising"));
  CHECK_THROWS_WITH(study({0.5, 1.5}), Contains("below 1"));
}

namespace {

struct Files : ScratchFolder {
  std::filesystem::path csv(const std::string& text) const {
    dsp::write_file(*this / "rows.csv", text);
    return *this / "rows.csv";
  }
};

nn::NetworkFile model_of(nn::Task task, std::vector<Index> widths) {
  nn::NetworkFile file{.spec = {.widths = std::move(widths)}, .task = task, .inputs = {"a", "b"}};
  file.means = Vector{{1.0, 2.0}};
  file.deviations = Vector{{0.5, 4.0}};
  file.target = "y";
  if (task == nn::Task::classify) file.classes = {"no", "yes"};
  nn::Layout layout;
  const nn::Mlp mlp(layout, file.spec);
  file.parameters = layout.initial(1);
  return file;
}

} // namespace

TEST_CASE("m-fac: a model finds its columns, scales and classes in a table, or says what is missing") {
  const Files files;
  const auto table = files.csv("b,y,more,a\n6,yes,9,1\n2,no,9,2\n-2,no,9,1.5\n");
  const ModelRows user(model_of(nn::Task::classify, {2, 3, 2}), {.file = table}); // the target by its name
  CHECK(user.rows.features == data::RowMatrix{{0.0, 1.0}, {2.0, 0.0}, {1.0, -1.0}});
  CHECK(user.rows.labels == std::vector<int>{1, 0, 0});
  CHECK(user.file(user.parameters).parameters == user.model.parameters);

  CHECK_THROWS_WITH(
      ModelRows(model_of(nn::Task::classify, {2, 3, 2}), {.file = files.csv("a,y\n1,yes\n2,no\n")}),
      Contains("no column 'b'"));
  CHECK_THROWS_WITH(ModelRows(model_of(nn::Task::classify, {2, 3, 2}),
                              {.file = files.csv("a,b,y\n1,1,yes\n2,2,perhaps\n")}),
                    Contains("perhaps"));
  nn::NetworkFile nameless = model_of(nn::Task::classify, {2, 3, 2});
  nameless.inputs.clear();
  CHECK_THROWS_WITH(ModelRows(nameless, {.file = files.csv("a,b,c,y\n1,1,1,yes\n2,2,2,no\n")}),
                    Contains("3 inputs a row, the network takes 2"));
  nameless.target.clear();
  CHECK_THROWS_WITH(ModelRows(nameless, {.file = files.csv("a,b,y\n1,1,yes\n2,2,no\n")}),
                    Contains("--target"));
}

TEST_CASE("m-fac: a model of numbers is pruned in units of the target's deviation and written in its own") {
  const Files files;
  const auto table = files.csv("a,b,y\n1,6,100\n2,2,140\n1.5,-2,90\n0,1,70\n");
  const ModelRows user(model_of(nn::Task::regress, {2, 3, 1}), {.file = table});
  CHECK(std::abs(user.rows.target.mean()) < 1e-14);
  CHECK(user.rows.target.squaredNorm() / 4 == Approx(1));
  CHECK((user.file(user.parameters).parameters - user.model.parameters).norm() < 1e-13);
  const data::RowMatrix own = user.network->outputs(user.model.parameters, user.rows.features),
                        scaled = user.network->outputs(user.parameters, user.rows.features);
  CHECK((scaled.array() * user.target_deviation + user.target_mean - own.array()).abs().maxCoeff() < 1e-11);
}

TEST_CASE("m-fac: sizes of sparse files, and the table of prunings") {
  const Small small;
  CHECK(sparse_bytes(small.layout(), 48) == 4 * (48 + 9));
  CHECK(sparse_bytes(small.layout(), 10) == 8 * 10 + 4 * 9);
  const auto runs = run_prunings(*small.network, small.rows, small.rows, small.parameters,
                                 {.sparsities = {.5, .9}, .prune = {.gradients = 16}, .finetune = 5});
  report::ToolReport report;
  add_prunings(runs, *small.network, small.rows, small.parameters, report);
  CHECK(report.tables.at(0).table.rows.size() == 1 + 6);
  CHECK(report.tables.at(0).table.columns.size() == 7);
  CHECK(report.figures.at(0).figure.plots.at(0).series.size() == 3);
  CHECK(report.figures.at(0).figure.plots.at(0).series.at(0).x == std::vector<double>{0, .5, .9});
}

TEST_CASE("m-fac: the sliding and the fixed inverse agree with a dense one over damping") {
  for (const double lambda : {1e-2, 1e-4}) {
    const InverseErrors errors = inverse_errors(40, 8, lambda, 29, 3);
    CHECK(errors.sliding < 1e-9);
    CHECK(errors.fixed < 1e-9);
    CHECK(errors.diagonal < 1e-9);
  }
}

TEST_CASE("m-fac's experiment, in short") { check_claims(m_fac_demo({.brief = true})); }
