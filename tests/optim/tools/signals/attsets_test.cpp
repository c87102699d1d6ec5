#include "optim/tools/signals/attsets.h"

#include "catch.h"
#include "dsp/error.h"
#include "optim/autodiff/operations/reduction.h"
#include "optim/engine/random.h"
#include "optim/tools/signals/attsets_demo.h"
#include "optim/tools/signals/attsets_training.h"
#include "tool_demo.h"

#include <atomic>
#include <cmath>
#include <set>

using namespace raphson;
using namespace raphson::optim;
using namespace raphson::optim::tools;
using Catch::Matchers::Contains;

namespace {

using data::RowMatrix;

RowMatrix random_rows(Index rows, Index columns, const char* name) {
  RandomStream random(3, name);
  RowMatrix values(rows, columns);
  for (double& value : values.reshaped()) value = random.normal();
  return values;
}

/// The attended sum of one set, views as rows, and the shares.
struct Attended {
  Vector y;
  RowMatrix shares;
};
Attended attended(const RowMatrix& views, const RowMatrix& w, const std::vector<double>& present = {}) {
  Tape<double> tape;
  const Index n = views.rows(), d = views.cols();
  std::optional<Var<double>> mask;
  if (!present.empty()) mask = tape.constant({1, n, 1}, present.data());
  const auto set = attend(tape.constant({1, n, d}, views.data()), tape.constant({d, d}, w.data()), mask);
  return {set.y.value().row(0), set.shares.value()};
}

const Index width = 6;
const RowMatrix views = random_rows(5, width, "views");
const RowMatrix w = random_rows(width, width, "w");

} // namespace

TEST_CASE("Shares of a set add up to 1 for every feature, and differ from feature to feature", "[attsets]") {
  const Attended set = attended(views, w);
  for (Index d = 0; d < width; ++d) CHECK(set.shares.col(d).sum() == Approx(1).epsilon(1e-14));
  CHECK((set.shares.col(0) - set.shares.col(1)).cwiseAbs().maxCoeff() > 0.01);
  // By the formula, in another order of loops.
  const RowMatrix e = (views * w).array().exp();
  for (Index d = 0; d < width; ++d)
    CHECK(set.y[d] == Approx(views.col(d).dot(e.col(d)) / e.col(d).sum()).epsilon(1e-12));
}

TEST_CASE("One view alone is what comes out, its share 1 exactly, with no gradient for the weights",
          "[attsets]") {
  const Attended one = attended(views.topRows(1), w);
  CHECK(one.y == Vector(views.row(0)));
  CHECK((one.shares.array() == 1).all());
  Tape<double> tape;
  RowMatrix gradient = RowMatrix::Zero(width, width);
  const auto set = attend(tape.constant({1, 1, width}, views.data()),
                          tape.parameter({width, width}, w.data(), gradient.data()));
  tape.backward(sum(square(set.y)));
  CHECK(gradient.isZero(0));
}

TEST_CASE("No weights are the mean, a large multiple of the identity the maximum", "[attsets]") {
  const Attended none = attended(views, RowMatrix::Zero(width, width));
  CHECK((none.y - Vector(views.colwise().mean())).norm() < 1e-14);
  const Attended large = attended(views, 1e5 * RowMatrix::Identity(width, width));
  CHECK((large.y - Vector(views.colwise().maxCoeff())).norm() < 1e-12);
  CHECK(attended(views, 1e306 * RowMatrix::Identity(width, width)).y.allFinite());
}

TEST_CASE("Views repeated, put into another order or followed by padding change nothing", "[attsets]") {
  const Attended set = attended(views, w);
  CHECK((attended(views.replicate(7, 1), w).y - set.y).norm() < 1e-13);
  CHECK((attended(views.row(2).replicate(9, 1), w).y - Vector(views.row(2))).norm() < 1e-13);
  CHECK((attended(views.colwise().reverse(), w).y - set.y).norm() < 1e-13);
  RowMatrix padded(8, width);
  padded << views, RowMatrix::Constant(3, width, 4.0);
  const Attended masked = attended(padded, w, {1, 1, 1, 1, 1, 0, 0, 0});
  CHECK((masked.y - set.y).norm() < 1e-13);
  CHECK((masked.shares.bottomRows(3).array() == 0).all());
}

TEST_CASE("Every aggregation of padded sets is that of each set by itself", "[attsets]") {
  SetBounds bounds;
  for (const Index size : {3, 1, 5, 2}) bounds.add(size);
  const RowMatrix all = random_rows(bounds.first.back(), 7, "all views");
  for (const Aggregation aggregation :
       {Aggregation::attention, Aggregation::mean, Aggregation::maximum, Aggregation::gru}) {
    INFO(name_of(aggregation));
    const SetNetwork network(
        {.inputs = 7, .outputs = 4, .hidden = 8, .width = 5, .aggregation = aggregation});
    SetParameters parameters = network.initial(2);
    parameters.aggregation *= 20;
    const SetPredictor<double> predictor(network, parameters);
    const auto features = predictor.features(all);
    const RowMatrix together = predictor.results(features, bounds, 4);
    for (std::size_t i = 0; i < bounds.sets(); ++i) {
      SetBounds one;
      one.add(std::min<Index>(4, bounds.size(i)));
      const SetPredictor<double>::Rows part = features.middleRows(bounds.first[i], one.size(0));
      CHECK((predictor.results(part, one, 4) - together.row(static_cast<Index>(i))).norm() < 1e-12);
    }
  }
}

TEST_CASE("The recurrent rival is a gated recurrent unit, by hand", "[attsets]") {
  constexpr Index d = 2;
  const RowMatrix two = random_rows(2, d, "two views");
  nn::Layout layout;
  const Aggregator gru(layout, Aggregation::gru, d);
  const Vector weights = 2 * layout.initial(4);
  const Eigen::Map<const RowMatrix> gates(weights.data(), 2 * d, 2 * d),
      candidate(weights.data() + 4 * d * d, 2 * d, d);
  const auto sigmoid_of = [](double x) { return 1 / (1 + std::exp(-x)); };
  Vector h = Vector::Zero(d);
  for (Index n = 0; n < 2; ++n) {
    Vector in(2 * d), reset(2 * d), next(d);
    in << two.row(n).transpose(), h;
    const Vector zr = (gates.transpose() * in).unaryExpr(sigmoid_of);
    reset << two.row(n).transpose(), zr.tail(d).cwiseProduct(h);
    for (Index k = 0; k < d; ++k)
      next[k] = (1 - zr[k]) * h[k] + zr[k] * std::tanh(candidate.col(k).dot(reset));
    h = next;
  }
  Tape<double> tape;
  const auto y = gru(nn::Weights<double>(tape, weights.data()), tape.constant({1, 2, d}, two.data()));
  CHECK((Vector(y.value().row(0)) - h).norm() < 1e-14);
}

TEST_CASE("The base starts as He et al. draw it, its logits near -1", "[attsets]") {
  const SetNetwork network({.inputs = 196, .outputs = 196});
  const Vector base = network.initial(1).base;
  REQUIRE(network.base().entries().size() == 8);
  for (const auto& entry : network.base().entries()) {
    INFO(entry.name);
    const auto values = base.segment(entry.block.offset, entry.block.shape.size());
    if (entry.block.shape.rank() == 2)
      CHECK(values.squaredNorm() / static_cast<double>(values.size())
            == Approx((entry.name == "decoder output.weight" ? 1.0 : 2.0)
                      / static_cast<double>(entry.block.shape[0]))
                   .epsilon(0.05));
    else
      CHECK((values.array() == (entry.name == "decoder output.bias" ? -1 : 0)).all());
  }
  // Features are none below 0.
  const SetPredictor<float> predictor(network, network.initial(1));
  CHECK(predictor.features(random_rows(3, 196, "views of 196")).minCoeff() == 0);
}

TEST_CASE("A view's share is the mean of its features' shares", "[attsets]") {
  const SetNetwork network({.inputs = 7, .outputs = 4, .hidden = 8, .width = 5});
  SetParameters parameters = network.initial(2);
  parameters.aggregation *= 100;
  SetBounds bounds;
  bounds.add(4);
  const SetPredictor<double> predictor(network, parameters);
  const auto features = predictor.features(random_rows(4, 7, "all views"));
  const RowMatrix expected =
      attended(features, Eigen::Map<const RowMatrix>(parameters.aggregation.data(), 5, 5)).shares;
  CHECK((predictor.shares(features, bounds, 4) - expected.rowwise().mean()).norm() < 1e-12);
  CHECK((expected.rowwise().mean().array() - 0.25).abs().maxCoeff() > 0.01);
}

namespace {

/// Sets of two views, the first of which tells feature 1 and the second feature 2; what is wanted is both.
struct Halves {
  ViewSets sets;
  RowMatrix targets{200, 2};
  Halves() {
    RandomStream random(5, "halves");
    sets.views.resize(400, 2);
    for (Index i = 0; i < 200; ++i) {
      targets.row(i) << random.uniform(1, 2), random.uniform(1, 2);
      sets.views.row(2 * i) << targets(i, 0), 0;
      sets.views.row(2 * i + 1) << 0, targets(i, 1);
      sets.bounds.add(2);
    }
  }
};

} // namespace

TEST_CASE("The attention learns to take one feature from one view and the other from another", "[attsets]") {
  const Halves halves;
  // Encoder and decoder the identity: what is left is y.
  const SetNetwork network({.inputs = 2, .outputs = 2, .hidden = 2, .width = 2, .binary = false});
  Vector base = Vector::Zero(network.base().size());
  for (const auto& entry : network.base().entries())
    if (entry.block.shape.rank() == 2) base[entry.block.offset] = base[entry.block.offset + 3] = 1;
  const SetSource source = source_of(halves.sets);
  const Vector w2 = train_aggregation(network, base, {source, halves.targets},
                                      {.steps = 400, .views = 2, .batch_size = 20, .learning_rate = 0.1});
  const SetPredictor<double> predictor(network, {base, w2});
  const double loss = mean_loss(
      predictor.results(predictor.features(halves.sets.views), halves.sets.bounds, 2), halves.targets, false);
  // One share for the whole view, s of the first and 1 - s of the second, leaves a (1 - s) and b s.
  double best = 0;
  for (Index i = 0; i < 200; ++i) {
    const double a = halves.targets(i, 0), b = halves.targets(i, 1), s = a * a / (a * a + b * b);
    best += (a * a * (1 - s) * (1 - s) + b * b * s * s) / 400;
  }
  CHECK(best > 0.4);
  CHECK(loss < 0.01 * best);
}

namespace {

struct Small {
  ViewSets sets;
  RowMatrix targets = random_rows(60, 4, "targets").array().abs().cwiseMin(1);
  SetNetwork network{{.inputs = 5, .outputs = 4, .hidden = 8, .width = 6}};
  Small() {
    for (Index i = 0; i < 60; ++i) sets.bounds.add(1 + i % 4);
    sets.views = random_rows(sets.bounds.first.back(), 5, "small views");
  }
};

} // namespace

TEST_CASE("Stage 2 leaves the base as it was, and with it what a single view gives", "[attsets]") {
  const Small small;
  const SetSource source = source_of(small.sets);
  const SetTask task{source, small.targets};
  const SetTraining training{.steps = 60, .views = 3, .batch_size = 16};
  const Vector base = train_base(small.network, task, training);
  SetParameters faset{base, train_aggregation(small.network, base, task, training)};
  CHECK(faset.base == base);
  CHECK((faset.aggregation - small.network.initial(0).aggregation).norm() > 0.01);
  const auto single = [&](const SetParameters& parameters, const SetNetwork& network) {
    const SetPredictor<float> predictor(network, parameters);
    return predictor.results(predictor.features(small.sets.views), small.sets.bounds, 1);
  };
  const SetNetwork mean(
      {.inputs = 5, .outputs = 4, .hidden = 8, .width = 6, .aggregation = Aggregation::mean});
  CHECK(single(faset, small.network) == single({base, {}}, mean));
  // All at once, the base moves.
  const SetParameters joint = train_jointly(small.network, task, training);
  CHECK((joint.base - small.network.initial(0).base).norm() > 0.01);
  CHECK((joint.aggregation - small.network.initial(0).aggregation).norm() > 0.01);
}

TEST_CASE("Trainings do not depend on the threads, and say what they cannot do", "[attsets]") {
  const Small small;
  const SetSource source = source_of(small.sets);
  const SetTask task{source, small.targets};
  SetTraining training{.steps = 5, .views = 3, .batch_size = 16};
  const Vector one = train_base(small.network, task, training);
  training.threads = 2;
  CHECK(train_base(small.network, task, training) == one);
  CHECK_THROWS_WITH(train_aggregation(small.network, one, task, {.views = 1}), Contains("no gradient"));
  const SetNetwork mean({.inputs = 5, .outputs = 4, .aggregation = Aggregation::mean});
  CHECK_THROWS_WITH(train_aggregation(mean, one, task, training), Contains("mean has no weights"));
  CHECK_THROWS_WITH(SetNetwork({.inputs = 0, .outputs = 4}), Contains("at least 1"));
  const SetPredictor<float> predictor(small.network, small.network.initial(1));
  CHECK_THROWS_WITH(predictor.features(random_rows(3, 4, "others")), Contains("4 features"));
}

TEST_CASE("Views are drawn without replacement, as many as there are at most", "[attsets]") {
  const Small small;
  const SetSource source = source_of(small.sets);
  CHECK(source.most == 4);
  RandomStream random(1, "draw");
  std::vector<float> rows(4 * 5);
  std::set<float> seen;
  for (int trial = 0; trial < 20; ++trial) {
    CHECK(source.draw(3, 3, random, rows.data()) == 3); // object 3 has 4 views
    for (std::size_t a = 0; a < 3; ++a) seen.insert(rows[5 * a]);
    for (int a = 0; a < 3; ++a)
      for (int b = 0; b < a; ++b)
        CHECK(rows[static_cast<std::size_t>(5 * a)] != rows[static_cast<std::size_t>(5 * b)]);
    CHECK(source.draw(0, 3, random, rows.data()) == 1);
    CHECK(rows[0] == static_cast<float>(small.sets.views(0, 0)));
  }
  CHECK(seen.size() == 4); // at random: the last one as well
}

TEST_CASE("Stage 1 draws single views, stage 2 as many as it was told", "[attsets]") {
  const Small small;
  SetSource source = source_of(small.sets);
  std::atomic<Index> asked = 0;
  source.draw = [&asked, draw = source.draw](std::size_t object, Index most, RandomStream& random,
                                             float* rows) {
    asked = most;
    return draw(object, most, random, rows);
  };
  const SetTask task{source, small.targets};
  const SetTraining training{.steps = 1, .views = 3, .batch_size = 8};
  const Vector base = train_base(small.network, task, training);
  CHECK(asked == 1);
  train_aggregation(small.network, base, task, training);
  CHECK(asked == 3);
  train_jointly(small.network, task, training);
  CHECK(asked == 3);
}

TEST_CASE("The rate falls along half a cosine", "[attsets]") {
  // Adam's first steps have the length of the rate where the gradient's sign stays: of two, 1 and 1/2 of it.
  const Small small;
  const SetSource source = source_of(small.sets);
  const Vector end = train_base(small.network, {source, small.targets},
                                {.steps = 2, .batch_size = 60, .learning_rate = 1e-4, .seed = 1});
  CHECK((end - small.network.initial(1).base).cwiseAbs().maxCoeff() == Approx(1.5e-4).epsilon(0.02));
}

TEST_CASE("Windows on digits: the noise is as it is told, uniform in its logarithm", "[attsets]") {
  const data::Dataset blank{.features = RowMatrix::Zero(200, 14 * 14)};
  RandomStream random(1, "windows");
  const WindowedDigits windows = windowed_digits(blank, 5, random);
  double mean_log = 0;
  for (std::size_t i = 0; i < windows.levels.size(); ++i) {
    const auto view = windows.sets.views.row(static_cast<Index>(i));
    CHECK((view.array() != 0).count() == 64);
    CHECK(std::sqrt(view.squaredNorm() / 64) == Approx(windows.levels[i]).epsilon(0.5));
    mean_log += std::log(windows.levels[i]) / static_cast<double>(windows.levels.size());
  }
  CHECK(mean_log == Approx(std::log(std::sqrt(0.05 * 0.8))).margin(0.1));
}

TEST_CASE("Intersection over union and losses", "[attsets]") {
  RowMatrix logits(2, 4), targets(2, 4);
  logits << 1, -1, 2, -3, -1, -1, -1, -1;
  targets << 0.5, 0.41, 0.39, 0, 0, 0, 0, 0.4;
  CHECK(mean_iou(logits, targets) == Approx((1.0 / 3 + 1) / 2));
  double expected = 0;
  for (Index i = 0; i < 8; ++i) {
    const double p = 1 / (1 + std::exp(-logits.data()[i])), t = targets.data()[i];
    expected -= (t * std::log(p) + (1 - t) * std::log(1 - p)) / 8;
  }
  CHECK(mean_loss(logits, targets, true) == Approx(expected).epsilon(1e-12));
  CHECK(mean_loss(logits, targets, false) == Approx((logits - targets).squaredNorm() / 8));
}

TEST_CASE("The experiment of attentional sets, in short", "[attsets]") {
  check_claims(attsets_demo({.brief = true}));
}
