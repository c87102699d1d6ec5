#include "optim/tools/signals/rational_sequence.h"

#include "catch.h"
#include "dsp/error.h"
#include "optim/autodiff/operations/rational.h"
#include "optim/autodiff/operations/reduction.h"
#include "optim/autodiff/operations/softmax.h"
#include "optim/data/npy.h"
#include "optim/data/scratch_folder.h"
#include "optim/engine/random.h"
#include "optim/nn/objective.h"
#include "optim/tools/signals/rational_sequence_report.h"

using namespace raphson;
using namespace raphson::optim;
using namespace raphson::optim::tools;
using Catch::Matchers::Contains;

namespace {

/// Noise with a pulse early on, upwards or downwards: only what remembers 40 steps tells the two apart.
data::Dataset pulses(std::size_t count, Index steps, std::uint64_t seed) {
  RandomStream random(seed, "pulses");
  data::Dataset rows;
  rows.features.resize(static_cast<Index>(count), steps);
  for (double& value : rows.features.reshaped()) value = 0.1 * random.normal();
  for (std::size_t i = 0; i < count; ++i) {
    rows.labels.push_back(static_cast<int>(i % 2));
    rows.features(static_cast<Index>(i), static_cast<Index>(random.index(4))) += i % 2 == 0 ? 2 : -2;
  }
  rows.class_names = {"up", "down"};
  return rows;
}

double held_out_accuracy(const SequenceOptions& options, const SequenceTraining& training) {
  const SequenceClassifier classifier({40, 1, 2}, options);
  return classifier.accuracy(classifier.train(pulses(400, 40, 1), training, 1), pulses(200, 40, 2));
}

} // namespace

TEST_CASE("Poles remember what as many taps cannot") {
  const SequenceTraining training{.epochs = 40, .batch_size = 20, .filter_rate = 1e-2, .rate = 1e-2};
  CHECK(held_out_accuracy({.channels = 8, .order = 4}, training) > 0.95);
  CHECK(held_out_accuracy({.kernel = SequenceKernel::fir, .channels = 8, .order = 4}, training) < 0.65);
  CHECK(held_out_accuracy({.kernel = SequenceKernel::diagonal, .channels = 8, .order = 4}, training) > 0.95);
}

TEST_CASE("So does the deep layer, by its last step or the mean, and with poles kept inside") {
  const SequenceTraining training{
      .epochs = 20, .batch_size = 20, .filter_rate = 2e-2, .rate = 1e-2, .decay = 0.05, .warm_up = 0.1};
  CHECK(held_out_accuracy({.channels = 8, .order = 4, .blocks = 2}, training) > 0.95);
  CHECK(held_out_accuracy({.channels = 8, .order = 4, .blocks = 1, .mean = true}, training) > 0.95);
  const SequenceOptions l1{.channels = 8, .order = 4, .blocks = 1, .mean = true, .l1_stable = true};
  CHECK(held_out_accuracy(l1, training) > 0.95);
  const SequenceClassifier classifier({40, 1, 2}, l1);
  for (const auto& filter : classifier.filters(classifier.train(pulses(100, 40, 1), {.epochs = 1}, 1)))
    CHECK(stabilised(filter, 40).moved == 0);
}

TEST_CASE("Channels of a group share their denominator") {
  const SequenceClassifier own({40, 1, 2}, {.channels = 6, .order = 4});
  const SequenceClassifier shared({40, 1, 2}, {.channels = 6, .order = 4, .denominators = 2});
  CHECK(shared.parameters() == own.parameters() - 4 * 4);
  const Vector theta = shared.train(pulses(40, 40, 1), {.epochs = 2}, 1);
  const auto filters = shared.filters(theta);
  REQUIRE(filters.size() == 6);
  for (std::size_t c = 0; c < 6; ++c) CHECK(filters[c].a == filters[c / 3 * 3].a);
  CHECK(filters[0].a != filters[3].a);
  CHECK(filters[0].b != filters[1].b);
  CHECK_THROWS_WITH(SequenceClassifier({40, 1, 2}, {.channels = 6, .denominators = 4}),
                    Contains("a divisor of the channels"));
}

TEST_CASE("Filters of both directions hear what comes after a step, those of one do not") {
  const auto change_when_reversed = [](bool bidirectional) {
    const SequenceClassifier classifier(
        {12, 1, 2}, {.channels = 5, .order = 3, .blocks = 1, .bidirectional = bidirectional, .mean = true});
    RandomStream random(4, "theta");
    Vector theta(classifier.parameters());
    for (double& value : theta) value = random.uniform(-0.4, 0.4);
    // The mean of the outputs tells a sequence from the same turned round only where time has a direction;
    // filters of both directions with equal weights have none.
    const Index filter = classifier.filter_parameters() / 2;
    if (bidirectional) theta.segment(filter, filter) = theta.head(filter);
    const auto logits = [&](const data::Dataset& rows) {
      Tape<double> tape;
      const nn::Weights<double> w(tape, theta.data(), {});
      const auto y = classifier.logits(w, tape.constant({6, 12}, rows.features.data()));
      return Vector(Eigen::Map<const Vector>(y.data(), 12));
    };
    const auto rows = pulses(6, 12, 3);
    return (logits(rows) - logits(reversed_in_time(rows, 1))).cwiseAbs().maxCoeff();
  };
  CHECK(change_when_reversed(true) < 1e-12);
  CHECK(change_when_reversed(false) > 1e-3);
  CHECK_THROWS_WITH(SequenceClassifier({40, 1, 2}, {.channels = 6, .bidirectional = true}),
                    Contains("one block at least"));
}

TEST_CASE("Filters begin without poles, or within their range") {
  const auto largest = [](SequenceStart start) {
    const SequenceClassifier classifier({40, 1, 2}, {.channels = 8, .order = 16, .start = start});
    double most = 0;
    for (const auto& filter : classifier.filters(classifier.train(pulses(4, 40, 1), {.epochs = 0}, 1)))
      for (const double a : filter.a) most = std::max(most, std::abs(a));
    return most;
  };
  CHECK(largest(SequenceStart::zero) == 0);
  CHECK(largest(SequenceStart::uniform) == Approx(0.25).epsilon(0.1));
  CHECK(largest(SequenceStart::small) == Approx(1.0 / 16).epsilon(0.1));
}

TEST_CASE("A network's gradient is that of differences, all parameters at random values") {
  const auto rows = pulses(6, 12, 3);
  for (const SequenceOptions& options :
       {SequenceOptions{.channels = 2, .order = 3}, SequenceOptions{.channels = 2, .order = 3, .blocks = 2},
        SequenceOptions{.channels = 2, .order = 3, .blocks = 1, .mean = true, .l1_stable = true},
        SequenceOptions{.channels = 4, .order = 3, .denominators = 2, .l1_stable = true},
        SequenceOptions{.channels = 2, .order = 3, .blocks = 2, .bidirectional = true, .mean = true},
        SequenceOptions{.kernel = SequenceKernel::diagonal, .channels = 2, .order = 4}}) {
    const SequenceClassifier classifier({12, 1, 2}, options);
    const auto loss = [&](const Vector& theta, Vector* gradient) {
      Tape<double> tape;
      Vector g = Vector::Zero(theta.size());
      const nn::Weights<double> w(tape, theta.data(), {.gradient = g.data()});
      const auto y = mean(
          cross_entropy(classifier.logits(w, tape.constant({6, 12}, rows.features.data())), rows.labels));
      tape.backward(y);
      if (gradient) *gradient = g;
      return y.item();
    };
    RandomStream random(4, "theta");
    Vector theta(classifier.parameters()), gradient;
    for (double& value : theta) value = random.uniform(-0.4, 0.4);
    loss(theta, &gradient);
    for (Index i = 0; i < theta.size(); ++i) {
      const Vector step = Vector::Unit(theta.size(), i) * 1e-6;
      CHECK(gradient[i]
            == Approx((loss(theta + step, nullptr) - loss(theta - step, nullptr)) / 2e-6)
                   .epsilon(1e-5)
                   .margin(1e-8));
    }
  }
}

TEST_CASE("Sequences are read, trained on and predicted; what does not fit is refused") {
  const ScratchFolder folder;
  const auto rows = pulses(120, 20, 1);
  const std::vector<std::size_t> shape{120, 20}, count{120};
  const auto x = folder / "x.npy", y = folder / "y.npy";
  data::write_npy<double>(x, shape, {rows.features.data(), static_cast<std::size_t>(rows.features.size())});
  std::vector<std::int64_t> labels;
  for (const int label : rows.labels) labels.push_back(7 - 4 * label);
  data::write_npy<std::int64_t>(y, count, labels);
  const Sequences read = read_sequences(x, y);
  CHECK(read.shape.steps == 20);
  CHECK(read.rows.class_names == std::vector<std::string>{"3", "7"});
  SequenceRun run{.network = {.channels = 4, .order = 4, .blocks = 1},
                  .training = {.epochs = 8, .batch_size = 20}};
  run.predict = x;
  const auto report = sequence_report(read, run);
  REQUIRE(report.files.size() == 2); // predictions.csv and filters.json
  CHECK_THAT(report.files.back().bytes, Contains("row,label\n1,7\n2,3\n"));

  CHECK_THROWS_WITH(read_sequences(y, {}), Contains("1 dimensions"));
  const std::vector<std::size_t> fewer{119};
  labels.pop_back();
  data::write_npy<std::int64_t>(y, fewer, labels);
  CHECK_THROWS_WITH(read_sequences(x, y), Contains("119 labels for 120"));
  std::vector<double> halves(120, 0.5);
  data::write_npy<double>(y, count, halves);
  CHECK_THROWS_WITH(read_sequences(x, y), Contains("no whole number"));
  CHECK_THROWS_WITH(SequenceClassifier({20, 1, 2}, {.order = 20}), Contains("below the steps"));
  CHECK_THROWS_WITH(SequenceClassifier({20, 1, 2}, {.order = 0}), Contains("order 0"));
  CHECK_THROWS_WITH(SequenceClassifier({20, 3, 2}, {.order = 4}), Contains("one block"));
}
