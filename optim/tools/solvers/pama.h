// PAMA: one scalar weight for each sampled token from its n advantages, in place of a weighted sum of rewards
// or of a quadratic programme over n gradients. Q. He, S. Maghsudi, "Pareto Multi-Objective Alignment for
// Language Models", ECML/PKDD 2025, arXiv 2508.07768.
//
// MGDA's problem min over c in the simplex of |sum_i c_i grad L_i|^2, with the gradients replaced by the
// scalars a_i that multiply grad u in them, has a closed form (theorem 1): the best s* = sum_i c_i a_i is the
// projection of 0 onto [min a, max a]. With Noon advantages, a_i = max(A_i, 0), no a_i is negative: a token
// is reinforced by the least of its advantages, and only where it is better than expected on every objective.
//
// It stops where no sampled token beats the mean on every objective (theorem 2: a Pareto-stationary point),
// which need not be Pareto optimal.
#pragma once

#include "optim/data/dataset.h"

#include <span>
#include <vector>

namespace raphson::optim::tools {

/// s* and its weights c. Ties at an extreme share its weight evenly.
struct MergedAdvantage {
  double value = 0;
  std::vector<double> weights;
};
MergedAdvantage merge_advantages(std::span<const double> advantages);

/// s* alone.
double merged_value(std::span<const double> advantages);

/// Of n advantages, the least: the objective that limits the token. Ties to the first.
int limiting_objective(std::span<const double> advantages);

/// How the advantages of a token's objectives become the weights that its ratio is reinforced by.
enum class AdvantageMerge {
  pama,       // s* of max(A, 0)
  noon_mean,  // mean of max(A, 0)
  batch_wide, // s* of the batch's mean of max(A, 0), the same for every token
  mean,       // mean of A
};

/// [token][objective] -> [token].
Vector merge(AdvantageMerge how, const data::RowMatrix& advantages);

/// One objective's surrogate: min(u A, clip(u, 1 - epsilon, 1 + epsilon) A).
double clipped_surrogate(double ratio, double advantage, double epsilon);

} // namespace raphson::optim::tools
