// The loss of an unrolled network on a tape, for one_bit_training.h: parameters are W_0 ... W_{L-1}, row by
// row, then theta.
#pragma once

#include "optim/nn/objective.h"
#include "optim/tools/signals/one_bit_training.h"

namespace raphson::optim::tools {

template <class T> class UnrolledLoss {
public:
  /// The matrices must outlive it.
  UnrolledLoss(const RowMatrix& a, const Examples& examples, std::size_t layers, Prior prior);

  Index weights() const { return weights_; } ///< of all layers together
  Index parameters() const { return layout_.size(); }
  /// The mean of |x_L - x|^2 over a batch.
  double value_and_gradient(const T* parameters, nn::Examples batch, T* gradient) const {
    return objective_->value_and_gradient(parameters, batch, gradient);
  }

private:
  Var<T> losses(const nn::Weights<T>& w, nn::Examples batch) const;

  const Examples& examples_;
  std::vector<T> a_; ///< m x n
  Index rows_, columns_, weights_ = 0;
  nn::Layout layout_;
  std::vector<nn::Block> w_, theta_; ///< theta_ is empty without a prior
  std::unique_ptr<nn::NetworkObjective<T>> objective_;
};

extern template class UnrolledLoss<float>;
extern template class UnrolledLoss<double>;

} // namespace raphson::optim::tools
