#include "optim/tools/signals/one_bit_loss.h"

#include "optim/autodiff/operations/arithmetic.h"
#include "optim/autodiff/operations/matmul.h"
#include "optim/autodiff/operations/reduction.h"

namespace raphson::optim::tools {

template <class T>
UnrolledLoss<T>::UnrolledLoss(const RowMatrix& a, const Examples& examples, std::size_t layers, Prior prior)
    : examples_(examples), a_(a.data(), a.data() + a.size()), rows_(a.rows()), columns_(a.cols()) {
  for (std::size_t k = 0; k < layers; ++k)
    w_.push_back(layout_.add("w" + std::to_string(k), {columns_, rows_}, nn::constant(0)));
  weights_ = layout_.size();
  for (std::size_t k = 0; prior == Prior::sparse && k < layers; ++k)
    theta_.push_back(layout_.add("theta" + std::to_string(k), {1}, nn::constant(0)));
  objective_ = std::make_unique<nn::NetworkObjective<T>>(
      layout_, static_cast<std::size_t>(examples.x.rows()),
      [this](const nn::Weights<T>& w, nn::Examples batch) { return losses(w, batch); });
}

template <class T> Var<T> UnrolledLoss<T>::losses(const nn::Weights<T>& w, nn::Examples batch) const {
  Tape<T>& tape = w.tape();
  const Var<T> y = nn::rows_of(tape, examples_.y, batch), truth = nn::rows_of(tape, examples_.x, batch);
  const Var<T> a = tape.constant({rows_, columns_}, a_.data());
  Var<T> x = matmul(y, w[w_[0]], {.b = true}); // x_0 = 0
  for (std::size_t k = 0; k < w_.size(); ++k) {
    if (k > 0) x = x + matmul(y - matmul(x, a, {.b = true}), w[w_[k]], {.b = true});
    if (theta_.empty()) continue;
    const Var<T> theta = w[theta_[k]];
    x = relu(x - theta) - relu(-x - theta);
  }
  return sum(square(x - truth), 1);
}

template class UnrolledLoss<float>;
template class UnrolledLoss<double>;

} // namespace raphson::optim::tools
