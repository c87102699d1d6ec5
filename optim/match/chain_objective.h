// The objective of a match with any chain: the error-to-signal ratio of the pre-emphasised recordings as a
// function of the chosen parameters, each behind the sigmoid of its range; the others keep their values.
#pragma once

#include "optim/engine/types.h"
#include "optim/match/chain_kernel.h"
#include "optim/match/compressor_objective.h"
#include "optim/match/match.h"

#include <vector>

namespace raphson::optim::match {

/// The slowest that the chain forgets.
double release_ms(const dsp::ChainSettings& chain);

class ChainObjective {
public:
  /// Keeps references to the recordings. Throws InputError where inverse mode meets anything but one
  /// compressor, or more than most_free_parameters are free.
  ChainObjective(std::vector<ChunkView> chunks, double sample_rate, const dsp::ChainSettings& chain,
                 std::vector<std::size_t> free, Mode mode, const ObjectiveOptions& options);

  Vector unconstrained(const dsp::ChainSettings& chain) const;
  dsp::ChainSettings chain_at(const Vector& z) const;
  const std::vector<std::size_t>& free() const { return free_; }

  double value(const Vector& z) const;
  double value_gradient_and_gauss_newton(const Vector& z, Vector& gradient, Matrix& jtj) const;

  /// Exact, by Jets of second order on one lane: for the end of a fit and for tests.
  double value_gradient_and_hessian(const Vector& z, Vector& gradient, Matrix& hessian) const;

  /// The same by the free parameters in physical units, at the values of all of the chain's: half the sum of
  /// the squared errors, of which value() is the share of target_energy(). The Hessian is gauss_newton +
  /// curvature; physical_gauss_newton leaves the curvature at 0.
  double physical_value(std::span<const double> values) const;
  ChainLossDerivatives physical_gauss_newton(std::span<const double> values) const;
  ChainLossDerivatives physical_hessian(std::span<const double> values) const;
  double target_energy() const { return target_energy_; }

  /// Gradients of the parts of the loss that lie in stretches of about block_seconds, one column each.
  Matrix block_gradients(const Vector& z, double block_seconds) const;

private:
  template <class Evaluate>
  ChainLossDerivatives sum_groups(std::size_t lanes, std::span<const double> values, Evaluate evaluate) const;
  double change_variables(const ChainLossDerivatives& d, const Vector& z, bool exact, Vector& gradient,
                          Matrix& matrix) const;
  ChainProblem problem(std::span<const double> values) const;

  std::vector<ChunkView> chunks_; ///< as they were given
  std::vector<ChunkView> pieces_; ///< of them, for the lanes
  double sample_rate_;
  dsp::ChainSettings chain_;
  std::vector<std::size_t> free_;
  std::vector<SigmoidRange> ranges_; ///< of the free parameters
  Mode mode_;
  ObjectiveOptions options_;
  double target_energy_ = 1; ///< half the sum of the squared pre-emphasised recording that the loss aims at
};

} // namespace raphson::optim::match
