// What many related sparse models are good for: selection frequencies by the bootstrap, honest errors by
// cross-validation, p-values by permutation. Each is one call of fastglz, or two.
#pragma once

#include "optim/tools/solvers/fastglz.h"

#include <cstdint>
#include <vector>

namespace raphson::optim::tools {

/// Penalties as fractions of largest_l1 on all rows.
struct PenaltyFractions {
  double l1 = 0.2, l2 = 0.05;
};

/// A sparse model's data: columns as standardise() leaves them; rows of equal `groups` stay together in folds
/// and resamples (empty: each by itself); permutations stay among rows of equal `exchange` (empty: all).
struct SparseGlmData {
  Matrix x;
  Vector y;
  GlmFamily family = GlmFamily::logistic;
  std::vector<int> groups = {}, exchange = {};
};

struct BootstrapSummary {
  Vector frequency;       ///< a column each: share of resamples with a coefficient other than 0
  Vector mean, low, high; ///< of the coefficient over the resamples; quantiles 0.025 and 0.975
  int redrawn = 0;        ///< resamples that held one class alone and were drawn again
  FastglzResult fits;
  GlmProblems problems;
};
BootstrapSummary sparse_bootstrap(const SparseGlmData& data, const PenaltyFractions& penalty, int resamples,
                                  std::uint64_t seed, const FastglzOptions& options = {});

/// The errors of rows that a model has not seen, for each penalty of a grid.
struct CrossValidation {
  std::vector<PenaltyFractions> grid;
  Vector deviance, deviance_error; ///< mean of the folds' mean deviances, and its standard error
  Vector accuracy;                 ///< share of rows; logistic alone
  int best = 0;                    ///< of the least deviance
  int one_standard_error = 0;      ///< the largest l1, then l2, within one standard error of the best
  int redrawn = 0;
  FastglzResult fits; ///< grid point by grid point, its folds one after the other
  GlmProblems problems;
};
CrossValidation sparse_cross_validation(const SparseGlmData& data, const std::vector<PenaltyFractions>& grid,
                                        int folds, std::uint64_t seed, const FastglzOptions& options = {});

/// The whole cross-validation for the true labels and for each of a number of permutations of them. The score
/// is the accuracy (logistic) or minus the deviance of the grid's best point, chosen for each labelling by
/// itself: what choosing gains the true labels it gains the permuted ones, too.
struct PermutationTest {
  double true_score = 0;
  std::vector<double> permuted_scores;
  double p_value = 1; ///< (1 + #{permuted >= true}) / (1 + permutations)
  int best = 0;       ///< of the grid, for the true labels
  int redrawn = 0;
  FastglzResult fits;
  GlmProblems problems;
};
PermutationTest sparse_permutation_test(const SparseGlmData& data, const std::vector<PenaltyFractions>& grid,
                                        int folds, int permutations, std::uint64_t seed,
                                        const FastglzOptions& options = {});

/// The same problems by the same code one after the other: what doing them together saves.
struct LoopCost {
  FastglzWork work;
  double seconds = 0;
};
LoopCost solve_one_by_one(const Matrix& x, const GlmProblems& problems, const FastglzOptions& options = {});

} // namespace raphson::optim::tools
