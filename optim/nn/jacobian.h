// Jacobian rows of a network: d f_c(x_e) / d theta of every output c of every example e, in reverse mode with
// parameters bound to each example, so that C sweeps over one tape give the rows of a whole batch.
//
//   const Network<double> f{3, [&](const Weights<double>& w, Examples examples) { return mlp(w,
//   rows_of(...)); }}; data::RowMatrix j = jacobian(layout, theta, f, examples); // row e C + c, column a
//   parameter
//
// Outputs are {examples, C}; what an example gives must not depend on the others, as it does under
// batch_statistics. Layers whose examples cannot be told apart throw InputError (Tape). A network of which
// only a part is trained has that part in the layout and the rest as constants.
#pragma once

#include "optim/nn/objective.h"

namespace raphson::optim::nn {

template <class T> struct Network {
  Index outputs = 1; ///< C
  std::function<Var<T>(const Weights<T>&, Examples)> evaluate = {};
};

/// [example][output].
template <class T>
data::RowMatrix outputs_of(const Vector& theta, const Network<T>& network, Examples examples,
                           std::size_t most_at_once = 512);

struct Linearisation {
  data::RowMatrix jacobian = {}; ///< [example * C + output][parameter]
  data::RowMatrix outputs = {};  ///< [example][output]
};

template <class T>
Linearisation linearise(const Layout& layout, const Vector& theta, const Network<T>& network,
                        Examples examples, std::size_t most_at_once = 64);

template <class T>
data::RowMatrix jacobian(const Layout& layout, const Vector& theta, const Network<T>& network,
                         Examples examples, std::size_t most_at_once = 64) {
  return linearise(layout, theta, network, examples, most_at_once).jacobian;
}

} // namespace raphson::optim::nn
