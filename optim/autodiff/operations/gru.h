// A step of a gated recurrent unit (K. Cho et al., EMNLP 2014, in the form of torch.nn.GRUCell):
//   r = sigmoid(W_r x + U_r h + b),  z = sigmoid(W_z x + U_z h + b),  n = tanh(W_n x + b + r (U_n h + c)),
//   h <- (1 - z) n + z h.
#pragma once

#include "optim/autodiff/tape.h"

namespace raphson::optim {

/// Columns in the order r, z, n.
template <class T> struct GruWeights {
  Var<T> input;          ///< {inputs, 3 units}
  Var<T> recurrent;      ///< {units, 3 units}
  Var<T> input_bias;     ///< {3 units}
  Var<T> recurrent_bias; ///< {3 units}
};

/// x {batch, inputs}, h {batch, units}; the next h.
template <class T> Var<T> gru_cell(Var<T> x, Var<T> h, const GruWeights<T>& weights);

} // namespace raphson::optim
