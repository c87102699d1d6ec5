// First, before anything declares functions of Var: they would hide those of numbers from it.
#include "optim/autodiff/kernels/formulas.h"

#include "optim/nn/mlp_passes.h"

#include "dsp/error.h"

namespace raphson::optim::nn {
namespace {

using data::RowMatrix;
using Map = Eigen::Map<RowMatrix>;
using ConstMap = Eigen::Map<const RowMatrix>;

ConstMap weights_of(const Linear& layer, const Vector& parameters) {
  const Index inputs = layer.weight.shape[0], outputs = layer.weight.shape[1];
  return {parameters.data() + layer.weight.offset, inputs + 1, outputs}; // the bias is the last row
}

template <class Formula> void apply(const RowMatrix& z, RowMatrix& y, RowMatrix& slope) {
  y.resize(z.rows(), z.cols());
  slope.resize(z.rows(), z.cols());
  for (Index i = 0; i < z.size(); ++i) {
    y.data()[i] = Formula::value(z.data()[i], 0.0);
    slope.data()[i] = Formula::slope(z.data()[i], y.data()[i], 0.0);
  }
}

void apply(Activation activation, const RowMatrix& z, RowMatrix& y, RowMatrix& slope) {
  switch (activation) {
  case Activation::none:
    y = z;
    slope = RowMatrix::Ones(z.rows(), z.cols());
    return;
  case Activation::tanh:
    return apply<formulas::Tanh>(z, y, slope);
  case Activation::sigmoid:
    return apply<formulas::Sigmoid>(z, y, slope);
  case Activation::relu:
    return apply<formulas::Relu>(z, y, slope);
  case Activation::softplus:
    return apply<formulas::Softplus>(z, y, slope);
  case Activation::silu:
    return apply<formulas::Silu>(z, y, slope);
  case Activation::gelu:
    return apply<formulas::Gelu>(z, y, slope);
  }
}

RowMatrix with_ones(const RowMatrix& rows) {
  RowMatrix result(rows.rows(), rows.cols() + 1);
  result.leftCols(rows.cols()) = rows;
  result.rightCols(1).setOnes();
  return result;
}

} // namespace

OutputLoss loss_of(const data::Dataset& dataset) {
  return dataset.labels.empty() ? OutputLoss::squared_error : OutputLoss::cross_entropy;
}

MlpPass::MlpPass(const Mlp& mlp, const Vector& parameters, const RowMatrix& rows)
    : mlp_(&mlp), parameters_(parameters) {
  if (rows.cols() != mlp.spec().widths.front())
    throw InputError("a network of " + to_string(mlp.spec()) + ": rows have " + std::to_string(rows.cols())
                     + " features");
  inputs_.push_back(with_ones(rows));
  for (std::size_t l = 0; l < mlp.layers().size(); ++l) {
    RowMatrix z = inputs_[l] * weights_of(mlp.layers()[l], parameters_);
    if (l + 1 == mlp.layers().size()) {
      outputs_ = std::move(z);
      break;
    }
    RowMatrix y, slope;
    apply(mlp.spec().activation, z, y, slope);
    inputs_.push_back(with_ones(y));
    slopes_.push_back(std::move(slope));
  }
}

Index MlpPass::parameters() const {
  const Block& last = mlp_->layers().back().bias;
  return last.offset + last.shape.size();
}

std::vector<RowMatrix> MlpPass::backward(const RowMatrix& by_outputs) const {
  std::vector<RowMatrix> s(inputs_.size());
  s.back() = by_outputs;
  for (std::size_t l = s.size() - 1; l > 0; --l) {
    const auto w = weights_of(mlp_->layers()[l], parameters_);
    s[l - 1] = (s[l] * w.topRows(w.rows() - 1).transpose()).cwiseProduct(slopes_[l - 1]);
  }
  return s;
}

RowMatrix MlpPass::forward(const Vector& v) const {
  RowMatrix along = inputs_[0] * weights_of(mlp_->layers()[0], v);
  for (std::size_t l = 1; l < inputs_.size(); ++l) {
    const auto w = weights_of(mlp_->layers()[l], parameters_);
    const RowMatrix hidden = along.cwiseProduct(slopes_[l - 1]);
    along = hidden * w.topRows(w.rows() - 1);
    along.noalias() += inputs_[l] * weights_of(mlp_->layers()[l], v);
  }
  return along;
}

RowMatrix softmax_rows(const RowMatrix& logits) {
  RowMatrix p = (logits.colwise() - logits.rowwise().maxCoeff()).array().exp().matrix();
  p.array().colwise() /= p.rowwise().sum().eval().array();
  return p;
}

RowMatrix select_features(const RowMatrix& features, std::span<const std::size_t> rows) {
  RowMatrix result(static_cast<Index>(rows.size()), features.cols());
  for (std::size_t i = 0; i < rows.size(); ++i)
    result.row(static_cast<Index>(i)) = features.row(static_cast<Index>(rows[i]));
  return result;
}

RowMatrix loss_by_outputs(const RowMatrix& outputs, const data::Dataset& dataset,
                          std::span<const std::size_t> rows) {
  const bool classes = !dataset.labels.empty();
  RowMatrix result = classes ? softmax_rows(outputs) : outputs;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const auto at = static_cast<Index>(i);
    if (classes)
      result(at, dataset.labels[rows[i]]) -= 1;
    else
      result(at, 0) -= dataset.target[static_cast<Index>(rows[i])];
  }
  return result;
}

RowMatrix example_gradients(const MlpPass& pass, const RowMatrix& by_outputs) {
  const auto s = pass.backward(by_outputs);
  RowMatrix result = RowMatrix::Zero(pass.rows(), pass.parameters());
  for (std::size_t l = 0; l < s.size(); ++l) {
    const RowMatrix& a = pass.inputs()[l];
    const Index offset = pass.mlp().layers()[l].weight.offset;
    for (Index row = 0; row < pass.rows(); ++row)
      Map(result.row(row).data() + offset, a.cols(), s[l].cols()).noalias() =
          a.row(row).transpose() * s[l].row(row);
  }
  return result;
}

Vector mean_gradient(const MlpPass& pass, const RowMatrix& by_outputs) {
  const auto s = pass.backward(by_outputs);
  Vector result = Vector::Zero(pass.parameters());
  for (std::size_t l = 0; l < s.size(); ++l) {
    const RowMatrix& a = pass.inputs()[l];
    Map(result.data() + pass.mlp().layers()[l].weight.offset, a.cols(), s[l].cols()).noalias() =
        a.transpose() * s[l] / static_cast<double>(pass.rows());
  }
  return result;
}

namespace {

// Gradients by the outputs whose outer products sum to L, one set a column c of a root of L: of softmax
// diag(sqrt p) - p sqrt(p)^T, whose square is diag p - p p^T since sum p = 1.
std::vector<RowMatrix> root_of_loss(const RowMatrix& outputs, OutputLoss loss) {
  const RowMatrix p = loss == OutputLoss::cross_entropy ? softmax_rows(outputs) : RowMatrix();
  std::vector<RowMatrix> result;
  for (Index c = 0; c < outputs.cols(); ++c) {
    RowMatrix column = RowMatrix::Zero(outputs.rows(), outputs.cols());
    if (loss == OutputLoss::squared_error) {
      column.col(c).setOnes();
    } else {
      const Vector root = p.col(c).cwiseSqrt();
      column = -(p.array().colwise() * root.array()).matrix();
      column.col(c) += root;
    }
    result.push_back(std::move(column));
  }
  return result;
}

} // namespace

// For two outputs o, o' of two layers the block over their inputs is A^T diag(g) A', g the sum over the
// columns of L's root of s_o s_o': a product over rows, without the factor of the number of outputs.
Matrix gauss_newton(const MlpPass& pass, OutputLoss loss) {
  std::vector<std::vector<RowMatrix>> s; // [column][layer]
  for (const RowMatrix& column : root_of_loss(pass.outputs(), loss)) s.push_back(pass.backward(column));
  const auto& layers = pass.mlp().layers();
  Matrix h = Matrix::Zero(pass.parameters(), pass.parameters());
  for (std::size_t l = 0; l < layers.size(); ++l) {
    for (std::size_t k = 0; k <= l; ++k) {
      const RowMatrix &a = pass.inputs()[l], &b = pass.inputs()[k];
      const Index rows_out = s[0][l].cols(), columns_out = s[0][k].cols();
      for (Index o = 0; o < rows_out; ++o) {
        for (Index u = 0; u < (k == l ? o + 1 : columns_out); ++u) {
          Vector g = Vector::Zero(pass.rows());
          for (const auto& column : s) g += column[l].col(o).cwiseProduct(column[k].col(u));
          const Matrix block = a.transpose() * (b.array().colwise() * g.array()).matrix();
          for (Index j = 0; j < b.cols(); ++j) {
            const Index at_column = layers[k].weight.offset + j * columns_out + u;
            for (Index i = 0; i < a.cols(); ++i) {
              const Index at_row = layers[l].weight.offset + i * rows_out + o;
              h(at_row, at_column) = h(at_column, at_row) = block(i, j);
            }
          }
        }
      }
    }
  }
  return h / static_cast<double>(pass.rows());
}

Vector gauss_newton_product(const MlpPass& pass, OutputLoss loss, const Vector& v) {
  RowMatrix along = pass.forward(v);
  if (loss == OutputLoss::cross_entropy) {
    const RowMatrix p = softmax_rows(pass.outputs());
    const Vector mean = p.cwiseProduct(along).rowwise().sum();
    along = p.cwiseProduct((along.colwise() - mean).eval()).eval();
  }
  return mean_gradient(pass, along);
}

} // namespace raphson::optim::nn
