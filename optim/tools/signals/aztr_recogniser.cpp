#include "optim/tools/signals/aztr_recogniser.h"

#include "dsp/error.h"
#include "optim/autodiff/operations/reduction.h"
#include "optim/autodiff/operations/softmax.h"
#include "optim/nn/train.h"

#include <algorithm>
#include <string>

namespace raphson::optim::tools {
namespace {

using nn::Examples;
using nn::Weights;

constexpr std::size_t shards = 2;
constexpr double small = 0.02; ///< of the attention's first weights: at first it adds next to nothing
constexpr Window halving{.stride = 2, .padding = 1};

const RecogniserSpec& checked(const RecogniserSpec& spec) {
  if (spec.size < 4 || spec.size % 4 != 0)
    throw InputError("crops of " + std::to_string(spec.size) + " pixels, a multiple of 4 would be right");
  if (spec.frames < 3 || spec.classes < 2)
    throw InputError("a recogniser of clips: at least 3 frames and 2 classes are needed");
  return spec;
}

/// Entry t of the result is entry t + by of x, {clips, frames, features}, 0 beyond the ends.
template <class T> Var<T> moved(Var<T> x, int by) {
  const Index clips = x.shape()[0], frames = x.shape()[1], features = x.shape()[2];
  const Var<T> zeros = x.tape().constant({clips, 1, features}, x.tape().take_zeros(clips * features).value);
  const Var<T> parts[] = {by < 0 ? zeros : slice(x, 1, 1, frames - 1),
                          by < 0 ? slice(x, 1, 0, frames - 1) : zeros};
  return concatenate(std::span<const Var<T>>(parts), 1);
}

} // namespace

Recogniser::Recogniser(const RecogniserSpec& spec)
    : spec_(checked(spec)), first_(layout_, "first", 1, 8, 3, halving),
      second_(layout_, "second", 8, 16, 3, halving),
      dense_(layout_, "dense", Index{16} * (spec.size / 4) * (spec.size / 4), width,
             nn::he(Index{16} * (spec.size / 4) * (spec.size / 4))),
      out_(layout_, "out", width, spec.classes) {
  if (spec.local)
    local_.emplace(layout_, "local", 3 * width, width,
                   spec.local_start > 0 ? nn::normal(spec.local_start) : nn::he(3 * width));
  if (spec.position) position_ = layout_.add("position", {spec.frames, width}, nn::normal(small));
  if (!spec.attention) return;
  queries_ = layout_.add("queries", {width, width}, nn::normal(small));
  keys_ = layout_.add("keys", {width, width}, nn::normal(small));
  values_ = layout_.add("values", {width, width}, nn::normal(small));
}

template <class T> Var<T> Recogniser::spatial(const Weights<T>& w, Var<T> frames) const {
  const Var<T> x = relu(second_(w, relu(first_(w, frames))));
  return relu(dense_(w, reshape(x, {x.shape()[0], x.size() / x.shape()[0]})));
}

template <class T> Var<T> Recogniser::near_in_time(const Weights<T>& w, Var<T> f) const {
  const Var<T> three[] = {moved(f, -1), f, moved(f, 1)};
  return f + relu((*local_)(w, concatenate(std::span<const Var<T>>(three), 2)));
}

template <class T> Var<T> Recogniser::far_in_time(const Weights<T>& w, Var<T> g) const {
  return g + attention(matmul(g, w[queries_]), matmul(g, w[keys_]), matmul(g, w[values_]));
}

template <class T> Var<T> Recogniser::logits(const Weights<T>& w, Var<T> crops) const {
  const Index clips = crops.shape()[0], frames = spec_.frames, size = spec_.size;
  const Var<T> f = spatial(w, reshape(crops, {clips * frames, 1, size, size}));
  Var<T> g = reshape(f, {clips, frames, width});
  if (spec_.local) g = near_in_time(w, g);
  if (spec_.position) g = g + w[position_];
  if (spec_.attention) g = far_in_time(w, g);
  return out_(w, mean(g, 1));
}

double Recogniser::spatial_cost() const {
  const double half = spec_.size / 2.0, quarter = spec_.size / 4.0;
  return half * half * 9 * 8 + quarter * quarter * (9 * 8 * 16 + 16 * width);
}

double Recogniser::temporal_cost() const {
  const double t = spec_.frames, d = width;
  double cost = d * spec_.classes;
  if (spec_.local) cost += t * 3 * d * d;
  if (spec_.attention) cost += 3 * t * d * d + 2 * t * t * d;
  return cost;
}

data::RowMatrix Recogniser::probabilities(const Vector& parameters, const Crops& crops) const {
  constexpr Index at_once = 64;
  const Eigen::VectorXf values = parameters.cast<float>();
  data::RowMatrix all(crops.rows(), spec_.classes);
  Tape<float> tape;
  for (Index from = 0; from < crops.rows(); from += at_once) {
    const Index count = std::min(at_once, crops.rows() - from);
    tape.clear();
    const Var<float> x = tape.constant({count, crops.cols()}, crops.row(from).data());
    all.middleRows(from, count) =
        softmax(logits(Weights<float>(tape, values.data()), x)).value().cast<double>();
  }
  return all;
}

Vector train_recogniser(const Recogniser& recogniser, const Crops& crops, std::span<const int> labels,
                        const RecogniserTraining& o) {
  const auto losses = [&](const Weights<float>& w, Examples examples) {
    const auto count = static_cast<Index>(examples.size());
    float* const x = w.tape().take_array<float>(count * crops.cols());
    std::vector<int> classes;
    for (Index i = 0; i < count; ++i) {
      const std::size_t clip = examples[static_cast<std::size_t>(i)];
      std::copy_n(crops.row(static_cast<Index>(clip)).data(), crops.cols(), x + i * crops.cols());
      classes.push_back(labels[clip]);
    }
    return cross_entropy(recogniser.logits(w, w.tape().constant({count, crops.cols()}, x)), classes);
  };
  const auto clips = static_cast<std::size_t>(crops.rows());
  const auto steps = static_cast<std::int64_t>((clips + o.batch_size - 1) / o.batch_size) * o.epochs;
  const nn::NetworkObjective<float> f(recogniser.layout(), clips, losses,
                                      {.threads = o.threads, .shards = shards});
  const nn::Training run = nn::train(f, recogniser.layout(), recogniser.layout().initial(o.seed),
                                     {.rule = AdamSettings{.learning_rate = o.learning_rate},
                                      .batch_size = o.batch_size,
                                      .steps = steps,
                                      .schedule = cosine(steps),
                                      .gradient_norm_limit = 5,
                                      .seed = o.seed,
                                      .each_step = [&](std::int64_t step, double) {
                                        if (o.progress) o.progress(step, steps);
                                      }});
  if (!run.finite)
    throw InputError("training the recogniser stopped being finite; a lower rate would be right");
  return run.parameters;
}

double accuracy_of(const data::RowMatrix& probabilities, std::span<const int> labels) {
  Index right = 0;
  for (Index i = 0; i < probabilities.rows(); ++i) {
    Index best = 0;
    probabilities.row(i).maxCoeff(&best);
    right += best == labels[static_cast<std::size_t>(i)] ? 1 : 0;
  }
  return static_cast<double>(right) / static_cast<double>(probabilities.rows());
}

Crops select(const Crops& crops, std::span<const std::size_t> rows) {
  Crops some(std::ssize(rows), crops.cols());
  for (std::size_t i = 0; i < rows.size(); ++i)
    some.row(static_cast<Index>(i)) = crops.row(static_cast<Index>(rows[i]));
  return some;
}

std::vector<int> select(std::span<const int> labels, std::span<const std::size_t> rows) {
  std::vector<int> some;
  for (const std::size_t row : rows) some.push_back(labels[row]);
  return some;
}

template Var<float> Recogniser::logits(const Weights<float>&, Var<float>) const;
template Var<double> Recogniser::logits(const Weights<double>&, Var<double>) const;

} // namespace raphson::optim::tools
