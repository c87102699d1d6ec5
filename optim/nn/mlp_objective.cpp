#include "optim/nn/mlp_objective.h"

#include "dsp/error.h"
#include "optim/autodiff/operations/softmax.h"

namespace raphson::optim::nn {

Index outputs_for(const data::Dataset& dataset) {
  return dataset.labels.empty() ? 1 : static_cast<Index>(dataset.class_names.size());
}

template <class T>
NetworkObjective<T> mlp_objective(const Layout& layout, const Mlp& mlp, const data::Dataset& dataset,
                                  const NetworkOptions& options) {
  const auto& widths = mlp.spec().widths;
  if (widths.front() != dataset.features.cols() || widths.back() != outputs_for(dataset))
    throw InputError("a network of " + to_string(mlp.spec()) + " on " + dataset.name + ", which has "
                     + std::to_string(dataset.features.cols()) + " features and asks for "
                     + std::to_string(outputs_for(dataset)) + " outputs");
  return {layout, dataset.size(),
          [&mlp, &dataset](const Weights<T>& w, Examples examples) {
            const Var<T> outputs = mlp(w, rows_of(w.tape(), dataset.features, examples));
            const auto count = static_cast<Index>(examples.size());
            if (!dataset.labels.empty()) {
              int* const labels = w.tape().template take_array<int>(count);
              for (std::size_t i = 0; i < examples.size(); ++i) labels[i] = dataset.labels[examples[i]];
              return cross_entropy(outputs, std::span<const int>(labels, examples.size()));
            }
            T* const targets = w.tape().template take_array<T>(count);
            for (std::size_t i = 0; i < examples.size(); ++i)
              targets[i] = static_cast<T>(dataset.target[static_cast<Index>(examples[i])]);
            const Var<T> error = reshape(outputs, {count}) - w.tape().constant({count}, targets);
            return scale(square(error), T(0.5));
          },
          options};
}

template NetworkObjective<float> mlp_objective(const Layout&, const Mlp&, const data::Dataset&,
                                               const NetworkOptions&);
template NetworkObjective<double> mlp_objective(const Layout&, const Mlp&, const data::Dataset&,
                                                const NetworkOptions&);

} // namespace raphson::optim::nn
