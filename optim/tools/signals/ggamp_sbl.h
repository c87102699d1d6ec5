// GGAMP-SBL and GGAMP-TSBL: sparse X from Y = A X + E without a sparsity level, a weight or the noise level
// given. EM on the prior variances gamma and the noise sigma^2, the E-step by GGAMP (ggamp.h) in four
// products a sweep where sparse_bayesian() (optim/engine) inverts an M x M matrix.
//
//   const GgampSblResult r = ggamp_sbl(DenseOperator(a), y, {.beta = 0.9});
#pragma once

#include "optim/tools/signals/ggamp.h"

#include <functional>
#include <optional>

namespace raphson::optim::tools {

struct GgampSblStep {
  int steps, sweeps; // so far
  double change;     // |change of X|^2 / |X|^2 of this EM step
  double noise;      // sigma^2
};

struct GgampSblOptions {
  std::optional<double> noise = {}; // sigma^2; learned where absent
  double beta = 0;                  // of columns that follow each other, in [0, 1)
  int maximum_sweeps = 50;          // of an E-step
  double sweep_tolerance = 1e-8;    // on |change of X|^2 / |X|^2 of a sweep
  int maximum_steps = 300;          // of EM
  double tolerance = 1e-6;          // the same of an EM step: see SparseBayesianOptions
  std::optional<double> theta = {}; // damping; by safe_damping() where absent
  bool halve_on_divergence = true;  // of theta; false: a result that is not finite is handed back
  std::function<void(const GgampSblStep&)> observer = {}; // may throw to stop
};

struct GgampSblResult {
  Matrix x, tau_x; // N x T
  Vector gamma;
  double noise = 0; // sigma^2
  double beta = 0;
  Damping damping = {}; // theta as it was last
  int restarts = 0;     // with theta halved
  int steps = 0, sweeps = 0;
  bool converged = false;
  bool diverged = false;      // with every damping tried: nothing of this is to be trusted
  double multiplications = 0; // those of the norm of A included
  std::vector<Eigen::Index> zero_columns = {};
  std::vector<GgampSblStep> history = {};

  bool in_support(Eigen::Index n, Eigen::Index t) const { return x(n, t) * x(n, t) > 9 * tau_x(n, t); }
};

/// Throws InputError as Ggamp does; for fewer than two columns of A, what is not finite, a zero y or A, noise
/// below 0.
GgampSblResult ggamp_sbl(const LinearOperator& a, const Matrix& y, const GgampSblOptions& options = {});

/// Above it the M-step divides covariances that message passing only approximates by less than 0.02, and EM
/// may stop with every coefficient at work.
inline constexpr double largest_found_beta = 0.99;

/// beta from a first run with beta = 0: sum x(t) x(t-1) / sum x(t-1)^2 over entries with x^2 > 9 tau_x of
/// both; where x grows, which would take this above 1, over sum x(t)^2; at most largest_found_beta. Then the
/// run with it, all sweeps counted.
GgampSblResult ggamp_sbl_auto(const LinearOperator& a, const Matrix& y, GgampSblOptions options = {});

} // namespace raphson::optim::tools
