// A perceptron's passes over many rows as matrix products, in double, for what a tape does not give: the
// gradient of each example, Gauss-Newton matrices, and what each layer sees and passes back.
//
//   const MlpPass pass(mlp, theta, rows);
//   const Matrix h = gauss_newton(pass, OutputLoss::cross_entropy);
//
// A layer's weights and bias together are a matrix (inputs + 1) x outputs, row by row, as they lie in the
// layout; with its inputs a (and a 1 behind them) and the gradient s by its outputs an example's gradient is
// a s^T. H is the mean over rows of J^T L J, with J the outputs by the parameters and L the loss's second
// derivative by the outputs: diag p - p p^T of softmax and cross-entropy, I of half the squared error.
#pragma once

#include "optim/data/dataset.h"
#include "optim/nn/mlp.h"

#include <span>
#include <vector>

namespace raphson::optim::nn {

enum class OutputLoss { cross_entropy, squared_error };
/// By what the dataset has: labels or a target.
OutputLoss loss_of(const data::Dataset& dataset);

class MlpPass {
public:
  /// The perceptron must outlive the pass. Throws InputError where rows have another width.
  MlpPass(const Mlp& mlp, const Vector& parameters, const data::RowMatrix& rows);

  const Mlp& mlp() const { return *mlp_; }
  Index rows() const { return inputs_.front().rows(); }
  Index parameters() const; ///< of the layout up to the perceptron's end
  const data::RowMatrix& outputs() const { return outputs_; }
  /// Of each layer, [row][inputs + 1], the last column 1.
  const std::vector<data::RowMatrix>& inputs() const { return inputs_; }

  /// From gradients by the network's outputs, [row][output], those by each layer's.
  std::vector<data::RowMatrix> backward(const data::RowMatrix& by_outputs) const;
  /// J v, [row][output].
  data::RowMatrix forward(const Vector& v) const;

private:
  const Mlp* mlp_;
  Vector parameters_;
  std::vector<data::RowMatrix> inputs_, slopes_;
  data::RowMatrix outputs_;
};

data::RowMatrix softmax_rows(const data::RowMatrix& logits);
data::RowMatrix select_features(const data::RowMatrix& features, std::span<const std::size_t> rows);

/// The loss of each row by the outputs, for the dataset's rows that the pass went over.
data::RowMatrix loss_by_outputs(const data::RowMatrix& outputs, const data::Dataset& dataset,
                                std::span<const std::size_t> rows);

/// [row][parameter].
data::RowMatrix example_gradients(const MlpPass& pass, const data::RowMatrix& by_outputs);
/// Their mean, without forming them.
Vector mean_gradient(const MlpPass& pass, const data::RowMatrix& by_outputs);

Matrix gauss_newton(const MlpPass& pass, OutputLoss loss);
Vector gauss_newton_product(const MlpPass& pass, OutputLoss loss, const Vector& v);

} // namespace raphson::optim::nn
