// A matrix as a product of sparse factors, one split off after the other (L. Le Magoarou & R. Gribonval,
// arXiv 1406.5388; IEEE JSTSP 10, 2016). T_0 = A; at level l = 1 ... J - 1
//
//   split    T_(l-1) ~ lambda F_2 F_1 by palm_sweeps, F_2 from zero, F_1 from the identity, F_2 first;
//   refine   S_l = F_1; all factors found so far and the residual, together, on A itself;
//   go on    T_l = lambda F_2.
//
// At the end S_J is the residual. A dictionary is learnt the same way, refined on the data with the codes
// held and coded anew after each level (fast_dictionary.h).
#pragma once

#include "optim/tools/signals/fast_transform.h"
#include "optim/tools/signals/palm_factors.h"

#include <functional>

namespace raphson::optim::tools {

enum class SplitStart {
  residual_zero, ///< F_2 = 0, F_1 = identity, F_2 first
  sparse_zero    ///< F_1 = 0, F_2 = identity, F_1 first: perhaps the authors' own
};

struct FactorPlan {
  std::vector<FactorSet> sparse;   ///< of S_1 ... S_(J-1)
  std::vector<FactorSet> residual; ///< of the residual after each level; the last is that of S_J
};

/// S_1 (m x n): k0 a column; S_2 ...: s m in all; the residual after level l: min(P rho^(l-1), 1) m^2 in all.
/// Throws InputError where a budget is below one entry a row or column, or J < 2.
struct PlanOptions {
  int factors = 4;                  ///< J
  Eigen::Index sparsity = 4;        ///< s
  Eigen::Index column_sparsity = 4; ///< k0
  double residual = 0.6;            ///< P
  double decay = 0.5;               ///< rho
};
FactorPlan plan_by_totals(Eigen::Index m, Eigen::Index n, const PlanOptions& options);

/// n = 2^J: factors with 2 entries a row and column, a residual with n / 2^l. In natural order it finds
/// Hadamard's fast transform exactly. Throws InputError where the matrix is not square or n no power of 2.
FactorPlan plan_by_halving(Eigen::Index m, Eigen::Index n);

struct HierarchyOptions {
  int split_sweeps = 50, refine_sweeps = 50;
  SplitStart start = SplitStart::residual_zero;
  /// What a level is refined on; empty: A.
  std::function<PalmTarget()> refine_target = {};
  /// The product after each level, refined; may throw to stop.
  std::function<void(const FastTransform& product, int level)> after_level = {};
};

struct FactorLevel {
  FastTransform product; ///< of all factors so far and the residual, refined
  double split, refined; ///< relative error on what the level is refined on, before and after
};

struct HierarchyResult {
  FastTransform transform; ///< lambda in the leftmost factor
  std::vector<FactorLevel> levels;
  double largest_rise =
      0; ///< of the objective in one sweep, over |A|^2 or |Y|^2; rounding but for row_column
};

/// Throws InputError where A is zero or not finite, or the plan has no levels.
HierarchyResult hierarchical_factors(const Matrix& a, const FactorPlan& plan,
                                     const HierarchyOptions& options);

} // namespace raphson::optim::tools
