#include "optim/autodiff/operations/gru.h"

#include "optim/autodiff/operations/arithmetic.h"
#include "optim/autodiff/operations/matmul.h"
#include "optim/autodiff/operations/movement.h"

namespace raphson::optim {

template <class T> Var<T> gru_cell(Var<T> x, Var<T> h, const GruWeights<T>& w) {
  const Index units = h.shape().last();
  const Var<T> from_x = matmul(x, w.input) + w.input_bias, from_h = matmul(h, w.recurrent) + w.recurrent_bias;
  const Var<T> gates = sigmoid(slice(from_x, 1, 0, 2 * units) + slice(from_h, 1, 0, 2 * units));
  const Var<T> r = slice(gates, 1, 0, units), z = slice(gates, 1, units, units);
  const Var<T> n = tanh(slice(from_x, 1, 2 * units, units) + r * slice(from_h, 1, 2 * units, units));
  return n + z * (h - n);
}

template Var<float> gru_cell(Var<float>, Var<float>, const GruWeights<float>&);
template Var<double> gru_cell(Var<double>, Var<double>, const GruWeights<double>&);

} // namespace raphson::optim
