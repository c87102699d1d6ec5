#include "optim/tools/signals/attsets_training.h"

#include "dsp/error.h"
#include "optim/autodiff/operations/reduction.h"
#include "optim/nn/train.h"

#include <algorithm>
#include <vector>

namespace raphson::optim::tools {
namespace {

using nn::Examples;
using nn::Layout;
using nn::Weights;

constexpr double gradient_limit = 5;
constexpr std::size_t shards = 2;

struct SetBatch {
  Var<float> views; ///< {sets x N, inputs}
  std::optional<Var<float>> present;
  Var<float> targets;
};

/// Example e is object e mod objects in its round e / objects, with a stream of its own: what is drawn
/// depends on the example alone, not on the thread that asks.
class Drawing {
public:
  Drawing(const SetTask& task, const SetTraining& training, Index views)
      : source_(task.source), targets_(task.targets), views_(std::min(views, task.source.most)),
        examples_(examples_for(task.source.objects, training)), seed_(training.seed) {
    split_mix(seed_);
  }

  std::size_t examples() const { return examples_; }
  Index views() const { return views_; }

  SetBatch operator()(Tape<float>& tape, Examples examples) const {
    const auto sets = static_cast<Index>(examples.size());
    const Index features = source_.features, outputs = targets_.cols();
    float* const x = tape.take_zeros(sets * views_ * features).value;
    float* const present = tape.take_zeros(sets * views_).value;
    float* const t = tape.take(sets * outputs).value;
    bool all = true;
    for (Index i = 0; i < sets; ++i) {
      const std::size_t example = examples[static_cast<std::size_t>(i)], object = example % source_.objects;
      RandomStream random(seed_ + example, "views");
      const Index drawn = source_.draw(object, views_, random, x + i * views_ * features);
      std::fill_n(present + i * views_, drawn, 1.0f);
      all = all && drawn == views_;
      const auto row = targets_.row(static_cast<Index>(object));
      std::transform(row.data(), row.data() + outputs, t + i * outputs,
                     [](double value) { return static_cast<float>(value); });
    }
    std::optional<Var<float>> mask;
    if (!all) mask = tape.constant({sets, views_, 1}, present);
    return {tape.constant({sets * views_, features}, x), mask, tape.constant({sets, outputs}, t)};
  }

private:
  static std::size_t examples_for(std::size_t objects, const SetTraining& training) {
    const std::size_t wanted = static_cast<std::size_t>(training.steps) * training.batch_size;
    return objects * std::max<std::size_t>(1, (wanted + objects - 1) / objects);
  }

  const SetSource& source_;
  const data::RowMatrix& targets_;
  Index views_;
  std::size_t examples_;
  std::uint64_t seed_;
};

/// The loss of each set.
Var<float> losses_of(const SetNetwork& network, const Weights<float>& base, Var<float> y,
                     Var<float> targets) {
  const Var<float> out = network.decode(base, y);
  return mean(network.spec().binary ? binary_cross_entropy(out, targets) : square(out - targets), 1);
}

Var<float> as_sets(Var<float> features, Index views) {
  return reshape(features, {features.shape()[0] / views, views, features.shape()[1]});
}

Vector train(const Layout& layout, const Vector& start, const Drawing& drawing, const SetTraining& o,
             const nn::Losses<float>& losses) {
  const nn::NetworkObjective<float> f(layout, drawing.examples(), losses,
                                      {.threads = o.threads, .shards = shards});
  const nn::Training run = nn::train(f, layout, start,
                                     {.rule = AdamSettings{.learning_rate = o.learning_rate},
                                      .batch_size = o.batch_size,
                                      .steps = o.steps,
                                      .schedule = cosine(o.steps),
                                      .gradient_norm_limit = gradient_limit,
                                      .seed = o.seed,
                                      .each_step = o.progress});
  if (!run.finite)
    throw InputError("training stopped being finite in step " + std::to_string(run.steps + 1)
                     + ": a lower rate, or views and targets of a smaller range, would be right");
  return run.parameters;
}

void check(const SetNetwork& network, const SetTask& task, const SetTraining& o) {
  if (o.steps < 1 || o.batch_size < 1 || o.views < 1)
    throw InputError("training on sets: steps, batch and views of at least 1");
  if (task.source.features != network.spec().inputs || task.targets.cols() != network.spec().outputs
      || static_cast<std::size_t>(task.targets.rows()) != task.source.objects)
    throw InputError("training on sets: views or targets that are not of the network's sizes");
}

} // namespace

Vector train_base(const SetNetwork& network, const SetTask& task, const SetTraining& training) {
  check(network, task, training);
  const Drawing drawing(task, training, 1);
  return train(network.base(), network.initial(training.seed).base, drawing, training,
               [&](const Weights<float>& w, Examples examples) {
                 const SetBatch batch = drawing(w.tape(), examples);
                 return losses_of(network, w, network.encode(w, batch.views), batch.targets);
               });
}

Vector train_aggregation(const SetNetwork& network, const Vector& base, const SetTask& task,
                         const SetTraining& training) {
  check(network, task, training);
  if (network.aggregation().size() == 0)
    throw InputError(std::string("training the aggregation: ") + name_of(network.spec().aggregation)
                     + " has no weights");
  const Drawing drawing(task, training, training.views);
  if (drawing.views() < 2)
    throw InputError(
        "training the attention on sets of one view: its share is 1 whatever the weights, no gradient "
        "reaches them; sets of at least 2 views would be right");
  const Eigen::VectorXf frozen = base.cast<float>();
  return train(network.aggregation(), network.initial(training.seed).aggregation, drawing, training,
               [&](const Weights<float>& w, Examples examples) {
                 const SetBatch batch = drawing(w.tape(), examples);
                 const Weights<float> fixed(w.tape(), frozen.data());
                 const Var<float> x = as_sets(network.encode(fixed, batch.views), drawing.views());
                 return losses_of(network, fixed, network.aggregator()(w, x, batch.present), batch.targets);
               });
}

SetParameters train_jointly(const SetNetwork& network, const SetTask& task, const SetTraining& training) {
  check(network, task, training);
  const Drawing drawing(task, training, training.views);
  Layout layout = network.base(); // its blocks stay where they are
  const Aggregator aggregator(layout, network.spec().aggregation, network.spec().width);
  const SetParameters apart = network.initial(training.seed);
  Vector start(layout.size());
  start << apart.base, apart.aggregation;
  const Vector end = train(layout, start, drawing, training, [&](const Weights<float>& w, Examples examples) {
    const SetBatch batch = drawing(w.tape(), examples);
    const Var<float> x = as_sets(network.encode(w, batch.views), drawing.views());
    return losses_of(network, w, aggregator(w, x, batch.present), batch.targets);
  });
  return {end.head(apart.base.size()), end.tail(apart.aggregation.size())};
}

} // namespace raphson::optim::tools
