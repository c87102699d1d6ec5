// Proximal alternating linearised minimisation for a product of sparse factors (palm4MSA):
//
//   min |A - lambda F_1 F_2 ... F_J|_F^2,   F_j in its set (factor_sets.h).
//
// A sweep goes through the factors from the left; with L = F_1 ... F_(j-1), R = F_(j+1) ... F_J
//
//   c = 1.001 lambda^2 |R|_2^2 |L|_2^2,   F_j <- P_j(F_j - lambda/c L^T (lambda L F_j R - A) R^T),
//
// and then lambda = tr(A^T H) / tr(H^T H), H the product. c is no smaller than the Lipschitz constant of the
// gradient, so that the objective never rises. With data Y and codes Gamma held, the problem is
// |Y - lambda H Gamma|_F^2: Gamma is a last factor that stays, known by B = Y Gamma^T and C = Gamma Gamma^T,
// so that a sweep costs the same for any number of signals. L. Le Magoarou & R. Gribonval, arXiv 1406.5388;
// IEEE J. Sel. Topics in Signal Processing 10 (2016); J. Bolte, S. Sabach & M. Teboulle, Math. Programming
// 146 (2014).
#pragma once

#include "optim/engine/orthogonal_matching_pursuit.h"
#include "optim/tools/signals/factor_sets.h"

#include <vector>

namespace raphson::optim::tools {

/// What the product is to be near.
class PalmTarget {
public:
  explicit PalmTarget(const Matrix& a);
  PalmTarget(const Matrix& signals, const SparseMatrix& codes);

  /// lambda that fits best, and the objective there and elsewhere.
  double best_scale(const Matrix& product) const;
  double value(const Matrix& product, double lambda) const;
  /// |value| over the value of the zero product, its square root: the relative error.
  double relative_error(const Matrix& product, double lambda) const;
  /// (lambda L F R - A) R^T, without L^T on its left; both L F and R may be empty, for identities.
  Matrix slope(const Matrix& left_and_factor, const Matrix& right, double lambda) const;
  /// |R|_2^2, the held codes included; 1 where R is empty and nothing is held.
  double squared_norm(const Matrix& right) const;
  Eigen::Index rows() const { return b_.rows(); }
  Eigen::Index columns() const { return b_.cols(); }

private:
  Matrix b_;            // A, or Y Gamma^T
  Matrix c_;            // Gamma Gamma^T; empty for the identity
  double constant_ = 0; // |A|^2 or |Y|^2
};

struct PalmState {
  std::vector<Matrix> factors = {}; ///< leftmost first
  double lambda = 1;

  Matrix product() const; ///< without lambda
};

enum class SweepOrder { from_left, from_right };

/// So many sweeps from where the state is; the objective before the first and after each.
std::vector<double> palm_sweeps(const PalmTarget& target, const std::vector<FactorSet>& sets,
                                PalmState& state, int sweeps, SweepOrder order = SweepOrder::from_left);

} // namespace raphson::optim::tools
