#include "optim/nn/ek_fac.h"

#include "dsp/error.h"

#include <Eigen/Eigenvalues>

namespace raphson::optim::nn {
namespace {

using data::RowMatrix;

Matrix eigenvectors_of(const Matrix& symmetric) {
  return Eigen::SelfAdjointEigenSolver<Matrix>(symmetric).eigenvectors();
}

} // namespace

RowMatrix drawn_by_outputs(const RowMatrix& outputs, OutputLoss loss, RandomStream& random) {
  if (loss == OutputLoss::squared_error) {
    RowMatrix noise(outputs.rows(), outputs.cols());
    for (Index i = 0; i < noise.size(); ++i) noise.data()[i] = random.normal();
    return noise;
  }
  RowMatrix p = softmax_rows(outputs);
  for (Index row = 0; row < p.rows(); ++row) {
    double left = random.uniform();
    Index label = 0;
    while (label + 1 < p.cols() && left >= p(row, label)) left -= p(row, label++);
    p(row, label) -= 1;
  }
  return p;
}

EkFac::EkFac(const Mlp& mlp, const std::vector<Vector>& parameters, const RowMatrix& rows, OutputLoss loss,
             const EkFacOptions& options) {
  if (parameters.empty() || rows.rows() == 0)
    throw InputError("EK-FAC: needs parameters and rows, one each at least");
  for (const Linear& layer : mlp.layers()) {
    const Index inputs = layer.weight.shape[0] + 1, outputs = layer.weight.shape[1];
    layers_.push_back({layer.weight.offset, Matrix::Zero(inputs, inputs), Matrix::Zero(outputs, outputs),
                       RowMatrix::Zero(inputs, outputs)});
  }
  std::vector<MlpPass> passes;
  for (const Vector& theta : parameters) passes.emplace_back(mlp, theta, rows);
  // The same draws twice: for the basis, then for the eigenvalues in it.
  const auto visit = [&](const auto& body) {
    RandomStream random(options.seed, "EK-FAC labels");
    for (const MlpPass& pass : passes)
      for (int draw = 0; draw < options.draws; ++draw)
        body(pass, pass.backward(drawn_by_outputs(pass.outputs(), loss, random)));
  };
  visit([&](const MlpPass& pass, const std::vector<RowMatrix>& s) {
    for (std::size_t l = 0; l < layers_.size(); ++l) {
      layers_[l].a_basis += pass.inputs()[l].transpose() * pass.inputs()[l];
      layers_[l].s_basis += s[l].transpose() * s[l];
    }
  });
  for (Factors& layer : layers_) {
    layer.a_basis = eigenvectors_of(layer.a_basis);
    layer.s_basis = eigenvectors_of(layer.s_basis);
  }
  const double count = static_cast<double>(rows.rows()) * static_cast<double>(parameters.size())
                       * static_cast<double>(options.draws);
  visit([&](const MlpPass& pass, const std::vector<RowMatrix>& s) {
    for (std::size_t l = 0; l < layers_.size(); ++l)
      layers_[l].values.noalias() += (pass.inputs()[l] * layers_[l].a_basis).cwiseAbs2().transpose()
                                     * (s[l] * layers_[l].s_basis).cwiseAbs2() / count;
  });
}

RowMatrix EkFac::apply(const RowMatrix& gradients, const std::function<double(double)>& f) const {
  RowMatrix result = gradients;
  for (const Factors& layer : layers_) {
    const RowMatrix factors = layer.values.unaryExpr(f);
    for (Index row = 0; row < gradients.rows(); ++row) {
      Eigen::Map<RowMatrix> m(result.row(row).data() + layer.offset, factors.rows(), factors.cols());
      const Matrix turned = (layer.a_basis.transpose() * m * layer.s_basis).cwiseProduct(factors);
      m.noalias() = layer.a_basis * turned * layer.s_basis.transpose();
    }
  }
  return result;
}

double EkFac::trace() const {
  double sum = 0;
  for (const Factors& layer : layers_) sum += layer.values.sum();
  return sum;
}

} // namespace raphson::optim::nn
