// One step of forgetting: the restriction's gradient against differences of the penalised loss, the step
// against the influence function where both are exact, plain ascent, Adam's first step, and what is counted.
#include "optim/tools/solvers/influence_unlearning.h"

#include "../../data/scratch_folder.h"
#include "catch.h"
#include "dsp/error.h"
#include "dsp/io/atomic_file.h"
#include "optim/autodiff/operations/softmax.h"
#include "optim/engine/gradient_regularisation.h"
#include "optim/engine/random.h"
#include "optim/nn/mlp_objective.h"
#include "optim/nn/train.h"
#include "optim/tools/solvers/influence_report.h"
#include "optim/tools/solvers/influence_unlearning_demo.h"
#include "tool_demo.h"

#include <Eigen/QR>

#include <cmath>
#include <numeric>

using namespace raphson;
using namespace raphson::optim;
using namespace raphson::optim::tools;
using Catch::Matchers::Contains;
using nn::RowNumbers;

namespace {

RowNumbers range(std::size_t begin, std::size_t end) {
  RowNumbers rows(end - begin);
  std::iota(rows.begin(), rows.end(), begin);
  return rows;
}

// 60 rows of 4 features in 3 classes, a network 4-6-3 away from its optimum.
struct Fixture {
  data::Dataset rows;
  nn::Layout layout;
  nn::Mlp mlp;
  nn::RowModel model;
  Vector theta;

  Fixture() : rows(make()), mlp(layout, {{4, 6, 3}, nn::Activation::tanh}), model{layout, mlp, rows} {
    theta = layout.initial(3);
    RandomStream random(2, "influence test");
    for (double& value : theta) value += 0.2 * random.normal();
  }
  Fixture(const Fixture&) = delete;
  static data::Dataset make() {
    data::Dataset d;
    RandomStream random(1, "influence test");
    d.features.resize(60, 4);
    d.class_names = {"a", "b", "c"};
    for (int e = 0; e < 60; ++e) {
      d.labels.push_back(e % 3);
      for (int k = 0; k < 4; ++k) d.features(e, k) = random.normal() + (k == e % 3 ? 2 : 0);
    }
    return d;
  }
  nn::NetworkObjective<double> objective() const { return nn::mlp_objective<double>(layout, mlp, rows); }
  Vector mean_gradient(const RowNumbers& which) const { // from each row's, summed
    return objective().gradients(theta, which).colwise().mean().transpose();
  }
};

InfluenceModel model_of(std::size_t rows, RowNumbers held_out, RowNumbers forgotten) {
  InfluenceModel model;
  model.rows = rows;
  model.fingerprint = "0123";
  model.held_out = std::move(held_out);
  model.forgotten = std::move(forgotten);
  return model;
}

const RowNumbers forgotten{1, 5, 20, 33}, remaining{0, 2, 3, 4, 6, 7, 8, 9, 10, 11, 12, 40, 41};

} // namespace

TEST_CASE("influence: the restriction's gradient is that of the penalised loss") {
  const Fixture f;
  const auto objective = f.objective();
  const RowNumbers batch = range(5, 25);
  const double alpha = 0.4;
  const auto penalised = [&](const Vector& theta) {
    Vector g;
    double value = objective.value_and_gradient(theta, batch, g);
    for (const auto& entry : f.layout.entries()) // every weight matrix and every bias its own
      value += alpha * g.segment(entry.block.offset, entry.block.shape.size()).norm();
    return value;
  };
  Vector exact, plain;
  gradient_restricted(objective, nn::blocks_of(f.layout), alpha).value_and_gradient(f.theta, batch, exact);
  objective.value_and_gradient(f.theta, batch, plain);
  Vector differences(f.theta.size());
  constexpr double h = 1e-5;
  for (Index k = 0; k < f.theta.size(); ++k) {
    Vector up = f.theta, down = f.theta;
    up[k] += h;
    down[k] -= h;
    differences[k] = (penalised(up) - penalised(down)) / (2 * h);
  }
  CHECK((exact - differences).norm() < 1e-5 * differences.norm());
  // Nor is it what the imitations give: no second derivative, or one norm over all tensors.
  CHECK(((1 + alpha) * plain - differences).norm() > 1e-2 * differences.norm());
  Vector pooled;
  gradient_restricted(objective, one_block(f.layout.size()), alpha)
      .value_and_gradient(f.theta, batch, pooled);
  CHECK((pooled - differences).norm() > 1e-2 * differences.norm());
  CHECK_THROWS_AS(gradient_restricted(objective, nn::blocks_of(f.layout), -1), InputError);
}

TEST_CASE("influence: training restricts gradients by its alpha") {
  const Fixture f;
  const RestrictedTraining plain{.alpha = 0, .learning_rate = 1e-2, .batch_size = 60, .epochs = 1};
  RestrictedTraining restricted = plain;
  restricted.alpha = 0.4;
  // A batch of all rows and one epoch: one Adam step along the gradient, whose signs tell which it was.
  const auto step = [&](const RestrictedTraining& options) {
    return Vector(train_restricted(f.model, range(0, 60), {}, f.theta, options).parameters - f.theta);
  };
  Vector g;
  gradient_restricted(f.objective(), nn::blocks_of(f.layout), 0.4)
      .value_and_gradient(f.theta, range(0, 60), g);
  const Vector moved = step(restricted), moved_plainly = step(plain);
  for (Index k = 0; k < g.size(); ++k) {
    if (std::abs(g[k]) > 1e-3) CHECK(moved[k] == Approx(g[k] > 0 ? -1e-2 : 1e-2).epsilon(1e-3));
  }
  CHECK((moved - moved_plainly).norm() > 1e-2);
  CHECK_THROWS_WITH(train_restricted(f.model, {}, {}, f.theta, plain), Contains("no rows"));
  restricted.alpha = -0.1;
  CHECK_THROWS_WITH(train_restricted(f.model, range(0, 60), {}, f.theta, restricted), Contains("alpha"));
}

TEST_CASE("influence: training ends without gain on validation rows, and keeps the best") {
  const Fixture f;
  const RestrictedTraining options{
      .learning_rate = 0.05, .batch_size = 10, .epochs = 400, .patience = 5, .seed = 4};
  const auto run = train_restricted(f.model, range(0, 40), range(40, 60), f.theta, options);
  CHECK(run.epochs < 400);
  const auto loss = [&](const Vector& theta) {
    return nn::classified(f.mlp, theta, f.rows, range(40, 60)).loss;
  };
  RestrictedTraining shorter = options;
  shorter.epochs = run.epochs - 5; // where the best was
  CHECK(train_restricted(f.model, range(0, 40), {}, f.theta, shorter).parameters == run.parameters);
  shorter.epochs = run.epochs;
  CHECK(loss(run.parameters)
        < loss(train_restricted(f.model, range(0, 40), {}, f.theta, shorter).parameters));
}

TEST_CASE("influence: for orthogonal least squares the step is the influence function") {
  // X^T X = n I with a column of ones: of +-1, all products of the signs of 16 rows.
  data::Dataset d;
  d.features.resize(16, 3);
  RandomStream random(5, "influence least squares");
  d.target.resize(16);
  for (int e = 0; e < 16; ++e) {
    for (int k = 0; k < 3; ++k) d.features(e, k) = (e >> k) % 2 ? 1 : -1;
    d.target[e] = d.features(e, 0) - 2 * d.features(e, 2) + 0.5 * random.normal();
  }
  Matrix x(16, 4); // the bias last, as in the layout
  x << d.features, Vector::Ones(16);
  const Vector best = x.colPivHouseholderQr().solve(d.target);
  nn::Layout layout;
  const nn::Mlp mlp(layout, {{3, 1}, nn::Activation::none});
  const auto objective = nn::mlp_objective<double>(layout, mlp, d);
  const RowNumbers gone{2, 7};
  const RowNumbers rest = rows_less(range(0, 16), gone);
  const double n = 16, rate = (1 / n) / (1.0 / 14 + 1.0 / 2);
  const auto result =
      forget_by_influence(objective, best, gone, rest, {.step = UnlearningStep::sgd, .rate = rate});
  Vector influence = best; // (1/n) H^-1 sum_F grad, H = X^T X / n = I
  for (const std::size_t row : gone) {
    const Vector line = x.row(static_cast<Index>(row)).transpose();
    influence += (line.dot(best) - d.target[static_cast<Index>(row)]) * line / n;
  }
  CHECK((result.theta - influence).cwiseAbs().maxCoeff() < 1e-12);
  CHECK((result.theta - best).norm() > 1e-3);
  const Vector by_conjugate_gradients = influence_function(mlp, best, d, range(0, 16), gone, 0).theta;
  CHECK((by_conjugate_gradients - influence).cwiseAbs().maxCoeff() < 1e-10);
  // Retraining is O((n_F/n)^2) away: much nearer than the original.
  Matrix x_rest(14, 4);
  Vector y_rest(14);
  for (Index e = 0; e < 14; ++e) {
    x_rest.row(e) = x.row(static_cast<Index>(rest[static_cast<std::size_t>(e)]));
    y_rest[e] = d.target[static_cast<Index>(rest[static_cast<std::size_t>(e)])];
  }
  const Vector retrained = x_rest.colPivHouseholderQr().solve(y_rest);
  CHECK((result.theta - retrained).norm() < 0.35 * (best - retrained).norm());
}

TEST_CASE("influence: without correction it is plain ascent, bit for bit") {
  const Fixture f;
  const auto result = forget_by_influence(f.objective(), f.theta, forgotten, remaining,
                                          {.step = UnlearningStep::sgd, .rate = 0.3, .correction = 0});
  Vector g;
  f.objective().value_and_gradient(f.theta, forgotten, g);
  CHECK(result.theta == f.theta + 0.3 * g);
  const auto corrected = forget_by_influence(f.objective(), f.theta, forgotten, remaining,
                                             {.step = UnlearningStep::sgd, .rate = 0.3});
  const Vector expected = f.mean_gradient(remaining) - f.mean_gradient(forgotten);
  CHECK((corrected.g - expected).cwiseAbs().maxCoeff() < 1e-12);
  CHECK((corrected.theta - (f.theta - 0.3 * expected)).cwiseAbs().maxCoeff() < 1e-12);
}

TEST_CASE("influence: each coordinate of an Adam step moves by its rate") {
  const Fixture f;
  const auto result = forget_by_influence(f.objective(), f.theta, forgotten, remaining, {.rate = 2e-3});
  int moved = 0;
  for (Index k = 0; k < f.theta.size(); ++k) {
    if (std::abs(result.g[k]) <= 1e-4) continue;
    ++moved;
    CHECK(result.theta[k] - f.theta[k] == Approx(result.g[k] > 0 ? -2e-3 : 2e-3).epsilon(1e-3));
  }
  CHECK(moved > 30);
}

TEST_CASE("influence: the two sets' means are apart, so that copies of rows that remain change nothing") {
  const Fixture f;
  RowNumbers doubled = remaining;
  doubled.insert(doubled.end(), remaining.begin(), remaining.end());
  const auto once = forget_by_influence(f.objective(), f.theta, forgotten, remaining, {}),
             twice = forget_by_influence(f.objective(), f.theta, forgotten, doubled, {});
  CHECK((once.g - twice.g).norm() < 1e-12);
}

TEST_CASE("influence: rows are gone over as often as is said, and no more") {
  const Fixture f;
  std::size_t seen = 0;
  const auto counted = [&](const nn::Weights<double>& w, nn::Examples examples) {
    seen += examples.size();
    std::vector<int> labels;
    for (const std::size_t e : examples) labels.push_back(f.rows.labels[e]);
    return cross_entropy(f.mlp(w, nn::rows_of(w.tape(), f.rows.features, examples)),
                         std::span<const int>(labels));
  };
  const nn::NetworkObjective<double> objective(f.layout, 60, counted);
  for (const auto until : {std::optional<double>(), std::optional<double>(4)}) {
    seen = 0;
    const auto result = forget_by_influence(objective, f.theta, forgotten, remaining, {.until = until});
    CHECK(result.gradient_rows == forgotten.size() + remaining.size());
    const std::size_t searched = static_cast<std::size_t>(result.searches) * forgotten.size();
    CHECK(seen == result.gradient_rows + searched);
    CHECK(result.searches == (until ? result.searches : 1));
  }
}

TEST_CASE("influence: the step is the smallest whose loss is the goal") {
  const Fixture f;
  const auto objective = f.objective();
  const double before = objective.losses(f.theta, forgotten).mean();
  for (const auto step : {UnlearningStep::sgd, UnlearningStep::adam}) {
    const auto result =
        forget_by_influence(objective, f.theta, forgotten, remaining, {.step = step, .until = before + 1});
    CHECK(result.reached);
    CHECK(result.loss_after >= before + 1);
    CHECK(result.loss_after == Approx(before + 1).epsilon(1e-4));
    CHECK(objective.losses(result.theta, forgotten).mean() == Approx(result.loss_after));
    const Vector shorter = f.theta - 0.999 * result.eta * step_direction(result.g, step);
    CHECK(objective.losses(shorter, forgotten).mean() < before + 1);
  }
  const auto holds = forget_by_influence(objective, f.theta, forgotten, remaining, {.until = before - 0.1});
  CHECK(holds.eta == 0);
  CHECK(holds.theta == f.theta);
  CHECK(holds.reached);
}

TEST_CASE("influence: edge cases") {
  const Fixture f;
  const auto objective = f.objective();
  const auto nothing = forget_by_influence(objective, f.theta, {}, remaining, {});
  CHECK(nothing.theta == f.theta);
  CHECK(nothing.gradient_rows == 0);
  CHECK_THROWS_WITH(forget_by_influence(objective, f.theta, forgotten, {}, {}), Contains("all rows"));
  CHECK_THROWS_WITH(forget_by_influence(objective, f.theta, forgotten, range(0, 10), {}),
                    Contains("row 2") && Contains("remain"));
  CHECK_THROWS_WITH(forget_by_influence(objective, f.theta, forgotten, remaining, {.rate = 0}),
                    Contains("--rate"));
  CHECK_THROWS_WITH(forget_by_influence(objective, f.theta, forgotten, remaining, {.correction = -1}),
                    Contains("--correction"));
  // A network of zeros whose gradients cancel: F and R hold the same rows.
  data::Dataset twice = f.rows;
  twice.features.bottomRows(30) = twice.features.topRows(30);
  for (std::size_t e = 0; e < 30; ++e) twice.labels[e + 30] = twice.labels[e];
  const auto same = nn::mlp_objective<double>(f.layout, f.mlp, twice);
  const auto none = forget_by_influence(same, f.theta, range(0, 30), range(30, 60), {.until = 9});
  CHECK(none.g.norm() == 0);
  CHECK(none.theta == f.theta);
  CHECK_FALSE(none.reached);
  CHECK(duplicates_of(twice, {0, 1}, range(2, 60)) == 2);
  CHECK(duplicates_of(f.rows, {0, 1}, range(2, 60)) == 0);
}

TEST_CASE("influence: a goal out of reach ends at the largest step and is said") {
  // One feature that is 0 in the forgotten row, and no bias that could help beyond it: a bounded loss.
  const Fixture f;
  const auto result = forget_by_influence(f.objective(), f.theta, forgotten, remaining, {.until = 1e9});
  CHECK_FALSE(result.reached);
  CHECK(result.eta == 100);
  CHECK(result.loss_after < 1e9);
}

TEST_CASE("influence: requests follow on one another") {
  const Fixture f;
  InfluenceModel model = model_of(60, {50, 51}, {3, 4});
  CHECK(trained_rows(model).size() == 56);
  const nn::RowModel& rows = f.model;
  model.network = {.spec = f.mlp.spec(), .classes = {"a", "b", "c"}, .parameters = f.theta};
  model.training.epochs = 3;
  Vector theta;
  const auto report = report_influence({.model = rows,
                                        .trained = model,
                                        .forgotten = {7, 8, 9},
                                        .options = {.until = unseen_loss(rows, model)},
                                        .compare = true,
                                        .say = {}},
                                       theta);
  CHECK(report.values.at(1).second.number == 53); // neither held out nor forgotten before
  CHECK(report.tables.at(0).table.rows.size() == 3);
  CHECK(report.figures.at(0).figure.plots.size() == 3);
  model.held_out.clear();
  CHECK_THROWS_WITH(unseen_loss(rows, model), Contains("--held-out"));
}

TEST_CASE("influence: a model's file reads back as it was") {
  const Fixture f;
  const ScratchFolder folder;
  InfluenceModel model = model_of(60, {5, 9}, {1});
  model.network = {.spec = f.mlp.spec(), .classes = {"a", "b", "c"}, .parameters = f.theta};
  model.training = {
      .alpha = 0.07, .learning_rate = 0.01, .batch_size = 7, .epochs = 9, .patience = 3, .seed = 8};
  const auto path = folder / "model.network.json";
  dsp::write_file(path, to_json(model));
  const InfluenceModel back = read_influence_model(path);
  CHECK(to_json(back) == to_json(model));
  CHECK(back.network.parameters == f.theta);
  CHECK(nn::read_network(path).parameters == f.theta); // a network file like any other
  dsp::write_file(path, nn::to_json(model.network));
  CHECK_THROWS_WITH(read_influence_model(path), Contains("influence-unlearning train"));
  model.held_out = {9, 5};
  dsp::write_file(path, to_json(model));
  CHECK_THROWS_WITH(read_influence_model(path), Contains("held_out") && Contains("rise"));
}

TEST_CASE("influence: the brief experiment's claims hold") {
  check_claims(influence_unlearning_demo({.brief = true}));
}
