// The objective of a match with the paper's compressor: the error-to-signal ratio of the pre-emphasised
// recordings as a function of the five parameters (threshold, ratio, attack, release, make-up), each behind
// the sigmoid of its range. Exact gradient and Hessian by the kernel of this machine's vector units, chunks
// spread over lanes, threads and ranks; the sums are in a fixed order, so a result repeats on the same
// machine.
#pragma once

#include "optim/autodiff/jet.h"
#include "optim/engine/ranks.h"
#include "optim/engine/types.h"
#include "optim/match/compressor_kernel.h"
#include "optim/match/pair.h"
#include "optim/match/sigmoid_range.h"

#include <array>
#include <span>
#include <vector>

namespace raphson::optim::match {

/// Physical values: threshold dB, ratio, attack ms, release ms, make-up dB.
using CompressorValues = std::array<double, 5>;

struct ObjectiveOptions {
  ChunkOptions chunks;
  double pre_emphasis_pole = 0.995; ///< 1: none
  std::size_t threads = 1;
  bool single_precision =
      false; ///< of Hessians alone: right to some 1e-6, faster where there are chunks for all lanes
  Ranks* ranks = &one_rank(); ///< that share the sums
};

class CompressorObjective {
public:
  /// Keeps a reference to the recordings.
  CompressorObjective(const Pair& pair, const ObjectiveOptions& options);
  CompressorObjective(std::vector<ChunkView> chunks, double sample_rate, const ObjectiveOptions& options);

  static Vector unconstrained(const CompressorValues& values);
  static CompressorValues physical(const Vector& z);

  double value(const Vector& z) const;
  double value_and_gradient(const Vector& z, Vector& gradient) const;
  double value_gradient_and_hessian(const Vector& z, Vector& gradient, Matrix& hessian) const;
  double value_gradient_and_gauss_newton(const Vector& z, Vector& gradient, Matrix& jtj) const;

  /// The same in natural coordinates (compressor_kernel.h), for callers with parameters of their own: half
  /// the sum of the squared errors, of which value() is the share of target_energy(). The Hessian is that of
  /// the precision asked for; natural_gradient leaves the second derivatives at 0.
  double natural_value(const CompressorCoordinates& k) const;
  LossDerivatives natural_gradient(const CompressorCoordinates& k) const;
  LossDerivatives natural_hessian(const CompressorCoordinates& k) const;
  double target_energy() const { return target_energy_; }

  /// For each of the values, whose attack is faster than their release, the make-up in dB that makes the
  /// error least (their own does not matter), and that error: closed form, since the output is linear in the
  /// make-up's gain.
  struct LevelFit {
    double makeup_db, value;
  };
  std::vector<LevelFit> fit_makeup(const std::vector<CompressorValues>& values) const;

  /// Gradients of the parts of the loss that lie in blocks of about block_seconds, one column each.
  Matrix block_gradients(const Vector& z, double block_seconds) const;

  /// The value with the chunks' shares weighted, one weight a chunk (resamples), and its exact derivatives.
  double weighted_derivatives(const Vector& z, std::span<const double> weights, Vector& gradient,
                              Matrix& hessian) const;

  std::size_t scored_samples() const;

private:
  using Curve = Jet<double, 1, 2>; // one natural coordinate as a function of one z
  std::array<Curve, 5> natural(const Vector& z) const;
  CompressorCoordinates coordinates(const std::array<Curve, 5>& curves) const;
  template <class Evaluate>
  LossDerivatives sum_groups(Evaluate evaluate, int chunks_at_once, const CompressorCoordinates& at) const;

  std::vector<ChunkView> chunks_;
  double sample_rate_;
  ObjectiveOptions options_;
  const CompressorKernel& kernel_;
  double target_energy_; ///< half the sum of (H wet)^2 over the scored samples
};

} // namespace raphson::optim::match
