#include "dsp/error.h"
#include "optim/autodiff/operations/softmax.h"
#include "optim/engine/adam_rule.h"
#include "optim/engine/batches.h"
#include "optim/engine/schedule.h"
#include "optim/nn/objective.h"
#include "optim/tools/signals/rational_sequence.h"

#include <algorithm>
#include <cmath>

namespace raphson::optim::tools {
namespace {

constexpr std::size_t rows_at_once = 250;

std::vector<int> labels_of(const data::Dataset& rows, nn::Examples examples) {
  std::vector<int> labels;
  for (const std::size_t row : examples) labels.push_back(rows.labels[row]);
  return labels;
}

} // namespace

data::Dataset reversed_in_time(const data::Dataset& rows, Index inputs) {
  data::Dataset result = rows;
  const Index steps = rows.features.cols() / inputs;
  for (Index t = 0; t < steps; ++t)
    result.features.middleCols(t * inputs, inputs) =
        rows.features.middleCols((steps - 1 - t) * inputs, inputs);
  return result;
}

Vector SequenceClassifier::train(const data::Dataset& given, const SequenceTraining& o,
                                 std::uint64_t seed) const {
  const data::Dataset rows = options_.blocks == 0 ? reversed_in_time(given, 1) : given;
  const nn::NetworkObjective<float> f(
      layout_, rows.size(), [&](const nn::Weights<float>& w, nn::Examples examples) {
        return cross_entropy(logits(w, nn::rows_of(w.tape(), rows.features, examples)),
                             labels_of(rows, examples));
      });
  Eigen::VectorXf theta = layout_.initial(seed).cast<float>(), gradient(theta.size());
  const Index filters = filter_parameters_, rest = theta.size() - filters;
  AdamRule<float> filter_rule(one_block(filters), {.learning_rate = o.filter_rate});
  AdamRule<float> rest_rule(one_block(rest), {.learning_rate = o.rate, .decoupled_decay = o.decay});
  Batches batches(rows.size(), o.batch_size, seed, "sequences");
  const auto steps = static_cast<std::int64_t>(batches.batches_per_epoch()) * o.epochs;
  const auto rise = static_cast<std::int64_t>(o.warm_up * static_cast<double>(steps));
  const Schedule factor = o.warm_up > 0 ? cosine(steps, rise) : Schedule([](std::int64_t) { return 1.0; });
  double loss = 0;
  for (std::int64_t step = 1; step <= steps; ++step) {
    loss += f.value_and_gradient(theta.data(), batches.next(), gradient.data());
    if (!gradient.allFinite())
      throw InputError(
          "training stopped being finite in step " + std::to_string(step)
          + ": a pole met one of the kernel's frequencies or the rate is too large; a lower rate or "
            "--stability l1 helps");
    const auto part = [](Eigen::VectorXf& x, Index from, Index count) {
      return std::span<float>(x.data() + from, static_cast<std::size_t>(count));
    };
    filter_rule.step(part(gradient, 0, filters), part(theta, 0, filters), factor(step));
    rest_rule.step(part(gradient, filters, rest), part(theta, filters, rest), factor(step));
    const auto each = static_cast<std::int64_t>(batches.batches_per_epoch());
    if (step % each != 0) continue;
    if (o.observer) o.observer(static_cast<int>(step / each), loss / static_cast<double>(each));
    loss = 0;
  }
  return theta.cast<double>();
}

std::vector<int> SequenceClassifier::predictions(const Vector& theta, const data::Dataset& given) const {
  const data::Dataset rows = options_.blocks == 0 ? reversed_in_time(given, 1) : given;
  const Eigen::VectorXf values = theta.cast<float>();
  std::vector<int> predicted;
  Tape<float> tape;
  for (std::size_t from = 0; from < rows.size(); from += rows_at_once) {
    std::vector<std::size_t> examples;
    for (std::size_t i = from; i < std::min(rows.size(), from + rows_at_once); ++i) examples.push_back(i);
    tape.clear();
    const auto y =
        logits(nn::Weights<float>(tape, values.data()), nn::rows_of(tape, rows.features, examples));
    for (Index i = 0; i < y.shape()[0]; ++i) {
      Eigen::Index best = 0;
      y.value().row(i).maxCoeff(&best);
      predicted.push_back(static_cast<int>(best));
    }
  }
  return predicted;
}

double SequenceClassifier::accuracy(const Vector& theta, const data::Dataset& rows) const {
  const std::vector<int> predicted = predictions(theta, rows);
  std::size_t right = 0;
  for (std::size_t i = 0; i < predicted.size(); ++i)
    if (predicted[i] == rows.labels[i]) ++right;
  return static_cast<double>(right) / static_cast<double>(rows.size());
}

} // namespace raphson::optim::tools
