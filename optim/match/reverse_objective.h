// A match's objective for solvers that know the Hessian by its products alone (NewtonCgOptions): the loss of
// CompressorObjective, with the gradient by the adjoint and products by forward over reverse, in segments
// (compressor_pass.h).
#pragma once

#include "optim/match/compressor_objective.h"

namespace raphson::optim::match {

class ReverseCompressorObjective {
public:
  /// Keeps a reference to the recordings.
  ReverseCompressorObjective(const Pair& pair, const ObjectiveOptions& options);

  double value(const Vector& z) const { return forward_.value(z); }
  double value_and_gradient(const Vector& z, Vector& gradient) const;
  Vector hessian_product(const Vector& z, const Vector& v) const;

private:
  CompressorObjective forward_;
  std::vector<ChunkView> chunks_;
  double sample_rate_;
  ObjectiveOptions options_;
  double target_energy_; ///< of the wet recording, as in CompressorObjective
};

} // namespace raphson::optim::match
