// A perceptron's loss on the rows of a dataset, by its task: cross-entropy of its labels where it has them,
// otherwise half the squared error of its target.
//
//   const auto f = mlp_objective<float>(layout, mlp, dataset);
//
// Keeps references to the perceptron and the dataset.
#pragma once

#include "optim/data/dataset.h"
#include "optim/nn/mlp.h"
#include "optim/nn/objective.h"

namespace raphson::optim::nn {

/// Throws InputError where the network's widths are not those of the dataset.
template <class T>
NetworkObjective<T> mlp_objective(const Layout& layout, const Mlp& mlp, const data::Dataset& dataset,
                                  const NetworkOptions& options = {});

/// Outputs that the dataset asks for: its classes, or 1.
Index outputs_for(const data::Dataset& dataset);

extern template NetworkObjective<float> mlp_objective(const Layout&, const Mlp&, const data::Dataset&,
                                                      const NetworkOptions&);
extern template NetworkObjective<double> mlp_objective(const Layout&, const Mlp&, const data::Dataset&,
                                                       const NetworkOptions&);

} // namespace raphson::optim::nn
