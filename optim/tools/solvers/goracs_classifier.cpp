#include "optim/tools/solvers/goracs_classifier.h"

#include "optim/autodiff/operations/softmax.h"
#include "optim/engine/adam_rule.h"
#include "optim/engine/batches.h"
#include "optim/nn/objective.h"

#include <vector>

namespace raphson::optim::tools {
namespace {

nn::NetworkObjective<float> objective(const nn::Layout& layout, const nn::Mlp& mlp,
                                      const data::Dataset& dataset) {
  return {layout, dataset.size(), [&mlp, &dataset](const nn::Weights<float>& w, nn::Examples examples) {
            std::vector<int> labels;
            for (const std::size_t row : examples) labels.push_back(dataset.labels[row]);
            return cross_entropy(mlp(w, nn::rows_of(w.tape(), dataset.features, examples)), labels);
          }};
}

} // namespace

SmallClassifier::SmallClassifier(Eigen::Index inputs, int hidden, int classes)
    : mlp_(layout_, {.widths = {inputs, hidden, classes}, .activation = nn::Activation::relu}) {}

Vector SmallClassifier::train(const data::Dataset& dataset, std::span<const std::size_t> rows,
                              const ClassifierTraining& training, std::uint64_t seed) const {
  const auto f = objective(layout_, mlp_, dataset);
  using Floats = Eigen::VectorXf;
  Floats theta = layout_.initial(seed).cast<float>(), gradient(theta.size());
  AdamRule<float> adam(one_block(theta.size()), {.learning_rate = training.learning_rate});
  Batches batches(rows.size(), training.batch_size, seed, "classifier");
  std::vector<std::size_t> examples;
  const auto size = static_cast<std::size_t>(theta.size());
  for (int step = 0; step < training.steps; ++step) {
    examples.clear();
    for (const std::size_t i : batches.next()) examples.push_back(rows[i]);
    f.value_and_gradient(theta.data(), examples, gradient.data());
    gradient += static_cast<float>(training.weight_decay) * theta;
    adam.step(std::span<const float>(gradient.data(), size), std::span<float>(theta.data(), size));
  }
  return theta.cast<double>();
}

double SmallClassifier::loss(const Vector& theta, const data::Dataset& dataset) const {
  return objective(layout_, mlp_, dataset).value(theta);
}

Vector SmallClassifier::gradient_norms(const Vector& theta, const data::Dataset& dataset) const {
  std::vector<std::size_t> rows(dataset.size());
  for (std::size_t i = 0; i < rows.size(); ++i) rows[i] = i;
  return objective(layout_, mlp_, dataset).gradients(theta, rows).rowwise().norm();
}

} // namespace raphson::optim::tools
