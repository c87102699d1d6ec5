// Complete dictionary learning by maximising an lp norm: Shen, Xue, Zhang, Letaief & Lau, UAI 2020
// (arXiv 2002.10043). Data Y = D X, n x r, X sparse, D square: turned by an orthogonal A until
//
//   f(A) = |A Ybar|_p^p,   Ybar = W Y,   W = (Y Y^T / r)^(-1/2),   p > 2,
//
// is largest, A^T W^-1 is D up to signs and order. An iteration is closed (their section 3; p = 4 is the
// earlier "matching, stretching, projection"): no step size, no weight of sparsity.
//
//   Z = A Ybar,   G = (|Z|^(p-1) o sign Z) Ybar^T / r = U Sigma V^T,   A <- U V^T
//
// f is convex, hence never falls. Where D is known to be orthogonal W is left out. Ybar is scaled to unit
// RMS, which changes no A; f is reported per column.
#pragma once

#include "optim/engine/types.h"

#include <cstdint>
#include <functional>
#include <vector>

namespace raphson::optim::tools {

/// Y by blocks, so that it need not lie in memory as one matrix. `read` fills the block, n x (its columns),
/// from column `begin` on; several threads call it at once.
struct ColumnSource {
  Eigen::Index rows = 0, columns = 0;
  std::function<void(Eigen::Index begin, Eigen::Ref<Matrix> block)> read = {};
};

/// Keeps a reference.
ColumnSource columns_of(const Matrix& y);

struct LpOptions {
  double p = 3;
  Eigen::Index atoms = 0; ///< k rows of A; 0: n
  bool orthogonal = false;
  bool centre = false; ///< the mean column is taken off
  int restarts = 3;    ///< random starts, of which the largest f is kept
  int maximum_iterations = 300;
  double tolerance = 1e-8; ///< on |A_new - A|_F / n
  std::uint64_t seed = 1;
  std::size_t threads = 1;
  std::function<void(int start, int iteration)> progress = {}; ///< may throw to stop
};

struct LpDictionary {
  Matrix rotation;   ///< A, k x n
  Matrix whitening;  ///< W
  Matrix analysis;   ///< A W, k x n: coefficients X = A W (Y - mean)
  Matrix dictionary; ///< W^-1 A^T, n x k, the atoms: largest entry positive, those of most energy first
  Vector mean;       ///< zero unless centred
  std::vector<double> objective; ///< f / r after each iteration of the kept start, and before the first
  std::vector<double> values;    ///< f / r that each start came to
  int iterations = 0;            ///< of the kept start
  bool converged = false;
  bool unique = true; ///< false: a G on the way had no unique polar factor
};

/// Throws InputError where p <= 2 or p > 20, n < 2, r < n, a value is not finite, k is not within 1 ... n, or
/// k exceeds the rank of the data (eigenvalues of Y Y^T above 1e-10 of the largest), which orthogonal D alone
/// allows: atoms outside the data's space are then arbitrary, and `unique` is false.
LpDictionary learn_lp_dictionary(const ColumnSource& y, const LpOptions& options);

/// Sums over all columns for Z = B Y: f / r, and G before the whitening on its right, P(Z) Y^T / r.
struct LpGradient {
  double value = 0;
  Matrix product; ///< k x n
};
LpGradient lp_gradient(const ColumnSource& y, const Vector& mean, const Matrix& b, double p,
                       std::size_t threads = 1);

/// 1 - |A D|_4^4 / n: 0 where A D is a signed permutation, for orthogonal A and D.
double recovery_error(const Matrix& a, const Matrix& d);

/// 10 log10 (max_j P_ij^2 / sum of the others) of each row of the global matrix A W M.
Vector interference_ratios_db(const Matrix& global);

} // namespace raphson::optim::tools
