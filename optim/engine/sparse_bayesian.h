// Sparse Bayesian learning with the matrix inverse: Y = A X + E, x_nt ~ N(0, gamma_n) with one variance a row
// of X for all T columns, e ~ N(0, sigma^2), by EM on gamma and sigma^2. With C = A diag(gamma) A^T + sigma^2
// I:
//   E   X = gamma A^T C^-1 Y,   variance_n = gamma_n - gamma_n^2 a_n^T C^-1 a_n
//   M   gamma_n = mean_t X_nt^2 + variance_n
//       sigma^2 = (|Y - A X|^2 + T sigma^2 sum_n (1 - variance_n / gamma_n)) / (M T)
// M^2 N multiplications an E-step. M. E. Tipping, J. Machine Learning Research 1 (2001); several columns: D.
// P. Wipf & B. D. Rao, IEEE Trans. Signal Processing 55 (2007).
#pragma once

#include "optim/engine/types.h"

namespace raphson::optim {

struct SparsePosterior {
  Matrix mean;      // N x T
  Vector variance;  // N, the same for every column
  Vector explained; // 1 - variance / gamma, without cancellation
};

/// The E-step. Throws InputError where sizes differ, a variance is negative or noise is not above 0.
SparsePosterior sparse_posterior(const Matrix& a, const Matrix& y, const Vector& gamma, double noise);

struct SparseBayesianOptions {
  double noise = 0; // sigma^2; 0: learned
  int maximum_steps = 300;
  /// On |change of X|^2 / |X|^2 of a step. Where N > M the learned noise creeps to 0 when EM runs on, and the
  /// error grows again.
  double tolerance = 1e-6;
};

struct SparseBayesianResult {
  Matrix x;
  Vector variance, gamma;
  double noise = 0; // sigma^2
  int steps = 0;    // E-steps
  bool converged = false;
  double multiplications = 0;
};

/// Throws InputError as sparse_posterior does, and where y is zero.
SparseBayesianResult sparse_bayesian(const Matrix& a, const Matrix& y,
                                     const SparseBayesianOptions& options = {});

} // namespace raphson::optim
