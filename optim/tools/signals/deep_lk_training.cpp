#include "optim/tools/signals/deep_lk_training.h"

#include "dsp/error.h"
#include "dsp/model/json_field.h"
#include "optim/autodiff/operations/reduction.h"
#include "optim/data/read_file.h"
#include "optim/engine/schedule.h"
#include "optim/nn/train.h"

#include <algorithm>
#include <limits>

namespace raphson::optim::tools {
namespace {

constexpr float huber_delta = 0.05f;
constexpr Index crop_size = crop_side * crop_side;

/// Rows of `values`, `width` values each, on a tape.
Var<float> rows_on(Tape<float>& tape, const std::vector<float>& values, nn::Examples examples,
                   const Shape& shape) {
  float* const copy = tape.take_array<float>(shape.size());
  const Index width = shape.size() / static_cast<Index>(examples.size());
  float* to = copy;
  for (const std::size_t example : examples)
    to = std::copy_n(values.data() + static_cast<Index>(example) * width, width, to);
  return tape.constant(shape, copy);
}

using Step = std::function<Var<float>(const nn::Weights<float>&, Var<float> templates, Var<float> images)>;

TrainedMotion train_step(const nn::Layout& layout, const Step& step, const MotionPairs& pairs,
                         const MotionTraining& o) {
  if (pairs.size() < 1) throw InputError("no pairs to train on");
  const nn::NetworkObjective<float> objective(
      layout, pairs.size(),
      [&](const nn::Weights<float>& weights, nn::Examples examples) {
        const auto count = static_cast<Index>(examples.size());
        const Shape crops{count, 1, crop_side, crop_side};
        const Var<float> dp = step(weights, rows_on(weights.tape(), pairs.templates, examples, crops),
                                   rows_on(weights.tape(), pairs.images, examples, crops));
        return huber(dp - rows_on(weights.tape(), pairs.motions, examples, {count, 3}), huber_delta);
      },
      {.threads = o.threads, .shards = 2});
  TrainedMotion result;
  nn::TrainingOptions options{.rule = AdamSettings{.learning_rate = o.rate},
                              .batch_size = static_cast<std::size_t>(o.batch),
                              .steps = o.steps,
                              .schedule = cosine(o.steps),
                              .gradient_norm_limit = 1,
                              .seed = o.seed};
  options.each_step = [&](std::int64_t at, double loss) {
    result.losses.push_back(loss);
    if (o.observer) o.observer(static_cast<int>(at), loss);
  };
  nn::Training run = nn::train(objective, layout, layout.initial(o.seed), options);
  if (!run.finite) throw InputError("training diverged: a smaller --rate is needed");
  result.parameters = std::move(run.parameters);
  return result;
}

constexpr const char* format = "raphson deep-lk features";

nn::Layout feature_layout() {
  nn::Layout layout;
  const FeatureNetwork network(layout);
  return layout;
}

} // namespace

template <class T> Var<T> huber(Var<T> difference, std::type_identity_t<T> delta) {
  const Var<T> size = abs(difference);
  const Var<T> held = minimum(size, difference.tape().constant(delta));
  return mean(held * (size - scale(held, T(0.5))), 1);
}

TrainedMotion train_features(const MotionPairs& pairs, const MotionTraining& training) {
  nn::Layout layout;
  const FeatureNetwork network(layout);
  const auto step = [&network](const nn::Weights<float>& w, Var<float> templates, Var<float> images) {
    return lucas_kanade_step(network(w, templates), network(w, images));
  };
  return train_step(layout, step, pairs, training);
}

TrainedMotion train_regression(const MotionPairs& pairs, const MotionTraining& training) {
  nn::Layout layout;
  const RegressionNetwork network(layout);
  const auto step = [&network](const nn::Weights<float>& w, Var<float> templates, Var<float> images) {
    return network.step(w, network.features(w, templates), network.features(w, images));
  };
  return train_step(layout, step, pairs, training);
}

std::string to_json(const FeatureFile& features) {
  const nn::Layout layout = feature_layout();
  dsp::Json parameters = dsp::Json::object(), recipe = dsp::Json::object();
  for (const auto& entry : layout.entries()) {
    std::vector<float> values; // which is what the network computes with
    for (const double value : features.parameters.segment(entry.block.offset, entry.block.shape.size()))
      values.push_back(static_cast<float>(value));
    parameters[entry.name] = values;
  }
  for (const auto& [name, text] : features.recipe) recipe[name] = text;
  return dsp::Json{{"format", format},
                   {"version", 1},
                   {"recipe", std::move(recipe)},
                   {"parameters", std::move(parameters)}}
             .dump()
         + "\n";
}

FeatureFile read_features(const std::filesystem::path& path) {
  const std::string file = path.string();
  const dsp::Json json = dsp::parse_json(data::read_file(path), file);
  const dsp::Field root(json, file);
  if (const auto kind = root.find("format"); !kind || kind->text() != format)
    throw InputError(file + ": not features of deep-lk, its format is not \"" + format + "\"");
  root.at("version").number(1, 1);
  const nn::Layout layout = feature_layout();
  FeatureFile features{Vector(layout.size()), {}};
  const dsp::Field parameters = root.at("parameters");
  for (const auto& entry : layout.entries()) {
    const dsp::Field field = parameters.at(entry.name);
    const auto values = field.entries();
    if (std::ssize(values) != entry.block.shape.size())
      field.fail("it has " + std::to_string(values.size()) + " numbers and must have "
                 + std::to_string(entry.block.shape.size()));
    for (Index i = 0; i < std::ssize(values); ++i)
      features.parameters[entry.block.offset + i] = values[static_cast<std::size_t>(i)].number(-1e6, 1e6);
  }
  if (json.contains("recipe") && json["recipe"].is_object())
    for (const auto& [name, value] : json["recipe"].items())
      if (value.is_string()) features.recipe.emplace_back(name, value.get<std::string>());
  return features;
}

template Var<float> huber(Var<float>, float);
template Var<double> huber(Var<double>, double);

} // namespace raphson::optim::tools
