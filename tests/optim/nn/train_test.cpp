// Training: it learns, stops early, and a run that was interrupted ends with the bytes of one that was not.
#include "optim/nn/train.h"

#include "dsp/error.h"
#include "optim/autodiff/operations/softmax.h"
#include "optim/engine/random.h"
#include "optim/nn/mlp.h"
#include "optim/nn/network_file.h"
#include "tests/catch.h"

#include <filesystem>
#include <fstream>

using namespace raphson;
using namespace raphson::optim;
using namespace raphson::optim::nn;
using Catch::Matchers::Contains;

namespace {

/// Two rings, which no line parts.
struct Rings {
  data::RowMatrix points{300, 2};
  std::vector<int> labels;
  Layout layout;
  Mlp mlp{layout, {{2, 16, 2}, Activation::tanh}};

  Rings() {
    RandomStream stream(5, "rings");
    for (Index i = 0; i < points.rows(); ++i) {
      const int label = static_cast<int>(i % 2);
      const double angle = stream.uniform(0, 6.2831853), radius = 1 + label + stream.uniform(-0.2, 0.2);
      points.row(i) << radius * std::cos(angle), radius * std::sin(angle);
      labels.push_back(label);
    }
  }
  NetworkObjective<float> objective() const {
    return NetworkObjective<float>(layout, 300, [this](const Weights<float>& w, Examples examples) {
      std::vector<int> chosen;
      for (const std::size_t e : examples) chosen.push_back(labels[e]);
      return cross_entropy(mlp(w, rows_of(w.tape(), points, examples)), std::span<const int>(chosen));
    });
  }
};

struct Interrupted {};

} // namespace

TEST_CASE("an interrupted run ends with the bytes of one that was not", "[train]") {
  const Rings rings;
  const auto objective = rings.objective();
  const auto file = std::filesystem::temp_directory_path() / "raphson-train-test.checkpoint";
  for (const RuleSettings& rule :
       {RuleSettings(AdamSettings{.learning_rate = 0.03}), RuleSettings(SoapSettings{.learning_rate = 0.01}),
        RuleSettings(MFacSettings{.learning_rate = 0.01, .window = 8})}) {
    INFO(name_of(rule));
    std::filesystem::remove(file);
    TrainingOptions options{.rule = rule, .batch_size = 32, .epochs = 6, .seed = 4};
    const Training whole = train(objective, rings.layout, rings.layout.initial(1), options);
    options.checkpoint = file;
    options.each_step = [](std::int64_t step, double) {
      if (step == 25) throw Interrupted();
    };
    CHECK_THROWS_AS(train(objective, rings.layout, rings.layout.initial(1), options), Interrupted);
    options.each_step = {};
    const Training resumed = train(objective, rings.layout, rings.layout.initial(1), options);
    CHECK(resumed.parameters == whole.parameters);
    CHECK(resumed.steps == whole.steps);
    REQUIRE(resumed.epochs.size() == whole.epochs.size());
    CHECK(resumed.epochs.back().training_loss == whole.epochs.back().training_loss);
    options.seed = 5;
    CHECK_THROWS_WITH(train(objective, rings.layout, rings.layout.initial(1), options),
                      Contains("the checkpoint of another run"));
  }
  std::ofstream(file) << "something else";
  CHECK_THROWS_WITH(train(objective, rings.layout, rings.layout.initial(1), {.checkpoint = file}),
                    Contains("not a checkpoint"));
  std::filesystem::remove(file);
}

TEST_CASE("training learns and stops early", "[train]") {
  const Rings rings;
  const auto objective = rings.objective();
  TrainingOptions options{.rule = AdamSettings{.learning_rate = 0.03}, .batch_size = 32, .epochs = 30};
  const Training run = train(objective, rings.layout, rings.layout.initial(1), options);
  CHECK(run.epochs.front().training_loss > 0.5);
  CHECK(objective.value(run.parameters) < 0.05);

  // A validation loss that is lowest at epoch 4.
  int epoch = 0;
  std::vector<Vector> seen;
  options.validation = [&](const Vector& x) {
    seen.push_back(x);
    return std::abs(++epoch - 4);
  };
  options.patience = 3;
  const Training early = train(objective, rings.layout, rings.layout.initial(1), options);
  CHECK(early.epochs.size() == 7);
  CHECK(early.parameters == seen[3]);
}

TEST_CASE("a gradient beyond its limit is shortened, its direction kept", "[train]") {
  const Rings rings;
  const auto objective = rings.objective();
  const Vector start = rings.layout.initial(1);
  Vector gradient;
  objective.value_and_gradient(start, gradient);
  const auto step = [&](double limit) -> Vector {
    const TrainingOptions options{
        .rule = SgdSettings{.learning_rate = 1}, .batch_size = 300, .steps = 1, .gradient_norm_limit = limit};
    return start - train(objective, rings.layout, start, options).parameters;
  };
  CHECK((step(0) - gradient).norm() < 1e-5);
  CHECK((step(2 * gradient.norm()) - gradient).norm() < 1e-5);
  CHECK((step(gradient.norm() / 4) - gradient / 4).norm() < 1e-5);
}

TEST_CASE("a gradient that is not finite ends the run at the step before it", "[train]") {
  Rings rings;
  rings.points(7, 0) = std::numeric_limits<double>::infinity();
  const Training run = train(rings.objective(), rings.layout, rings.layout.initial(1), {.batch_size = 50});
  CHECK_FALSE(run.finite);
  CHECK(run.steps < 6);
  CHECK(run.parameters.allFinite());
}

TEST_CASE("a network comes back from its file as it was", "[network file]") {
  const auto path = std::filesystem::temp_directory_path() / "raphson-test.network.json";
  Layout layout;
  const MlpSpec spec{{3, 4, 2}, Activation::relu};
  const Mlp mlp(layout, spec);
  const NetworkFile network{
      spec,   Task::classify, {"a", "b", "c"},  Vector::Constant(3, 0.1), Vector::Constant(3, 3.0),
      "kind", {"x", "y"},     layout.initial(2)};
  const auto write = [&](const std::string& text) { std::ofstream(path) << text; };
  write(to_json(network));
  const NetworkFile read = read_network(path);
  CHECK(read.parameters == network.parameters);
  CHECK(read.means == network.means);
  CHECK(read.spec.widths == spec.widths);
  CHECK(read.classes == network.classes);

  std::string text = to_json(network);
  const auto refused = [&](const std::string& from, const std::string& to) {
    std::string changed = text;
    changed.replace(changed.find(from), from.size(), to);
    write(changed);
    return path;
  };
  CHECK_THROWS_WITH(read_network(refused("\"version\":1", "\"version\":9")), Contains("version 9"));
  CHECK_THROWS_WITH(read_network(refused("raphson network", "other")), Contains("not a network file"));
  CHECK_THROWS_WITH(read_network(refused("\"2.bias\":[0.0,0.0]", "\"2.bias\":[0.0]")),
                    Contains("2.bias has 1 numbers, 2 are needed"));
  CHECK_THROWS_WITH(read_network(refused("[3,4,2]", "[3,4,3]")), Contains("classes names 2"));
  CHECK_THROWS_WITH(read_network(refused("relu", "swish")), Contains("unknown activation 'swish'"));
  write("{");
  CHECK_THROWS_WITH(read_network(path), Contains("not JSON"));
  std::filesystem::remove(path);
}
