// The parts of Adam's experiment, each for one seed.
#pragma once

#include "optim/tools/solvers/optimiser_study.h"

#include <cstdint>

namespace raphson::optim::tools {

struct SparseFeatures {
  Matrix x; ///< 0 and 1, a last column of ones
  Vector y; ///< 0 and 1
};

/// P(x_j = 1) = min(0.5, 3 / j) for j = 1 ..., weights N(0, 1), logits about their mean.
SparseFeatures sparse_features(Eigen::Index rows, Eigen::Index features, std::uint64_t seed);

struct SparseRun {
  std::string name;
  double best_step = 0;
  double loss = 0; ///< of all rows without dropout, at the best step
};

/// Logistic regression by minibatches of 128 whose inputs drop out with probability 0.5, the kept ones
/// doubled.
std::vector<SparseRun> sparse_study(const SparseFeatures& data, const std::vector<OptimiserGrid>& grids,
                                    int epochs, std::uint64_t seed);

struct BiasCorrectionCell {
  double beta2 = 0, alpha = 0;
  double corrected = 0, uncorrected = 0; ///< mean loss of the last epoch; infinite where it was not finite
};

/// A variational auto-encoder of images in [0, 1] (softplus layers of 64, a code of 8), trained by Adam with
/// every beta2 and alpha, with the correction of its moments and without, on the same batches and noise.
std::vector<BiasCorrectionCell> bias_correction_grid(const data::Dataset& images,
                                                     const std::vector<double>& beta2s,
                                                     const std::vector<double>& alphas, int epochs,
                                                     std::uint64_t seed);

/// Where a rule ends on S. Reddi's costs, 3 x at t = 1 (mod 3) and -x otherwise, on [-1, 1], with steps of
/// 1/sqrt(t).
double end_on_reddis_costs(const RuleSettings& rule, double start, int steps);

} // namespace raphson::optim::tools
