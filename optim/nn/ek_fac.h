// EK-FAC: the curvature of a perceptron as a Kronecker product a layer, with eigenvalues corrected.
//
// With a layer's inputs a (and a 1) and gradients s by its outputs, s of labels drawn from the model itself
// (those of the data would give the empirical Fisher matrix, which vanishes where the model fits them):
//   A = E[a a^T] = Q_A . Q_A^T,   S = E[s s^T] = Q_S . Q_S^T,   Lambda_ij = E[(Q_A^T a)_i^2 (Q_S^T s)_j^2],
// and a function f of the curvature takes a gradient M, (inputs + 1) x outputs, to
//   Q_A (f(Lambda) o (Q_A^T M Q_S)) Q_S^T.
// Expectations are over rows and, where there are several, over parameters: the basis is then shared.
// T. George et al., "Fast approximate natural gradient descent in a Kronecker-factored eigenbasis", NeurIPS
// 2018. Memory: the squares of the layers' widths.
#pragma once

#include "optim/engine/random.h"
#include "optim/nn/mlp_passes.h"

#include <cstdint>
#include <functional>

namespace raphson::optim::nn {

struct EkFacOptions {
  int draws = 4; ///< labels a row
  std::uint64_t seed = 0;
};

class EkFac {
public:
  /// Throws InputError without parameters or without rows.
  EkFac(const Mlp& mlp, const std::vector<Vector>& parameters, const data::RowMatrix& rows, OutputLoss loss,
        const EkFacOptions& options = {});

  /// f of the curvature times each row of `gradients`, [any][parameter].
  data::RowMatrix apply(const data::RowMatrix& gradients, const std::function<double(double)>& f) const;

  double trace() const; ///< the sum of all Lambda

private:
  struct Factors {
    Index offset = 0;
    Matrix a_basis, s_basis;
    data::RowMatrix values; ///< Lambda, [input][output]
  };
  std::vector<Factors> layers_;
};

/// Gradients by the outputs for labels drawn from the model: softmax(z) - the label drawn, or normal noise.
data::RowMatrix drawn_by_outputs(const data::RowMatrix& outputs, OutputLoss loss, RandomStream& random);

} // namespace raphson::optim::nn
