// Free-lunch bootstrap: estimates and standard errors from one run of resampled Newton-Raphson.
//
// Q(theta) = (1/n) sum q(theta; z_i). Each step draws a batch of m rows with replacement, c_i how often row
// i, and takes gradient and Hessian of that same batch:
//
//   theta_b = theta_b-1 - gamma H_b^-1 G_b,   G_b = (1/m) sum c_i grad q_i,   H_b = (1/m) sum c_i hess q_i
//
// Near the minimum this is an autoregression with coefficient 1 - gamma, whose stationary variance is
// phi = gamma^2 / (1 - (1-gamma)^2) = gamma / (2 - gamma) times the sandwich H^-1 Sigma H^-1 / m. Hence
//
//   covariance of the estimate = m / (n phi) times that of the draws,
//   interval of theta_j = mean + sqrt(m / (n phi)) (quantiles of the draws - mean).
//
// J.-J. Forneron & S. Ng, "Inference by Stochastic Optimization: A Free-Lunch Bootstrap", 2020, arXiv
// 2004.09627 (section 3). The influence of rows is an addition, after the infinitesimal jackknife: the
// covariance of c_i with the innovation e_b = (theta_b - (1-gamma) theta_b-1) / gamma.
#pragma once

#include "optim/engine/random.h"
#include "optim/engine/types.h"

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace raphson::optim::tools {

/// An objective in rows that can be weighted: sums of c_i q_i, not means.
struct RowObjective {
  Eigen::Index rows = 0, parameters = 0;
  std::function<double(const Vector& theta, const Vector& weights)> value;
  std::function<double(const Vector& theta, const Vector& weights, Vector& gradient, Matrix& hessian)>
      derivatives;
};

/// What a batch draws: single rows, whole clusters (a number from 0 a row) or moving blocks of so many rows.
struct ResamplingUnits {
  std::vector<int> cluster = {};
  Eigen::Index block = 0; ///< 0: no blocks; not with clusters
};

/// Draws weights. Units: rows, clusters, or blocks, of which ceil(rows / block) make up a sample as large as
/// the data.
class Resampler {
public:
  /// Throws InputError for fewer than ten clusters or blocks, blocks and clusters together, or cluster
  /// numbers that are not as many as rows.
  Resampler(Eigen::Index rows, const ResamplingUnits& units, std::uint64_t seed, std::string_view stream);

  Eigen::Index units() const { return units_; }

  /// Draws m units with replacement. `counts` holds how often each unit came (of blocks: each start).
  void draw(Eigen::Index m, Vector& weights, Vector& counts);

  /// Rows drawn by m units, relative to all rows: the m/n of the formulas.
  double share(Eigen::Index m) const;

  /// Sums over each unit's rows of values that have a row each in their columns; adjacent blocks.
  Matrix unit_sums(const Matrix& by_row) const;

private:
  Eigen::Index rows_, block_, units_;
  std::vector<int> cluster_;
  RandomStream random_;
};

struct FreeLunchOptions {
  double gamma = 0.3;        ///< learning rate in (0, 1]
  Eigen::Index batch = 0;    ///< m, in units; 0: as many as there are
  int draws = 5000;          ///< kept after the burn-in, at least 200
  int burn_in = -1;          ///< -1: ceil(ln 0.001 / ln(1 - gamma)) + 10, 15 for gamma = 1
  bool cold = false;         ///< no Newton on the full data first: the run itself finds the minimum
  bool from_minimum = false; ///< the start is the minimum: Newton has nothing to do
  bool warn_of_large_batches = true;
  double level = 0.95;
  ResamplingUnits units = {};
  std::uint64_t seed = 1;
  std::function<void(int done, int all)> progress = {}; ///< draws; may throw to stop
};

struct FreeLunchResult {
  Vector estimate;   ///< mean of the draws
  Vector minimum;    ///< of the full data, where Newton ran first; else empty
  Matrix covariance; ///< of the estimate
  Vector standard_error, low, high;
  Matrix draws;                      ///< [draw][parameter]
  Vector autocorrelation;            ///< of the draws at lag one; 1 - gamma is expected
  double effective_draws;            ///< B gamma / (2 - gamma)
  double se_error;                   ///< relative Monte Carlo error of the standard errors
  double scale;                      ///< sqrt(m / (n phi)), which takes a draw's deviation to the estimate's
  Matrix influence;                  ///< [unit][parameter]: covariance of c_i with the innovation
  Matrix correlation;                ///< the same as correlations
  std::vector<Eigen::Index> flagged; ///< units with |correlation| above 0.5, a quarter of
                                     ///< the variance, the largest first
  int burn_in = 0, treated = 0;      ///< steps whose Hessian was not positive definite or ill-conditioned
  int preliminary_evaluations = 0;   ///< of all derivatives by Newton
  int evaluations = 0;               ///< of all derivatives, those of Newton included
  std::vector<std::string> warnings;

  /// Units by the largest |correlation| with any parameter, the largest first.
  std::vector<Eigen::Index> by_influence() const;
};

/// From `start`. Throws InputError for options out of range (named), a batch of fewer than five units a
/// parameter, fewer than 200 draws, a start at which the objective is not finite, and where Newton on the
/// full data does not converge.
FreeLunchResult free_lunch_bootstrap(const RowObjective& objective, const Vector& start,
                                     const FreeLunchOptions& options = {});

/// The result for parameters that are `factor` times those of the run.
FreeLunchResult rescaled(FreeLunchResult result, const Vector& factor);

/// d <- H^-1 g; where H is not positive definite or its condition exceeds 1e12, with each eigenvalue l
/// replaced by max(|l|, 1e-8 of the largest), and true is returned.
bool newton_direction(const Matrix& hessian, const Vector& gradient, Vector& direction);

// --- The references that it is held against

/// Minimum of the full data (or of weighted rows) by damped Newton. Throws InputError where it does not
/// converge.
struct FullFit {
  Vector theta;
  Matrix hessian; ///< of the sum
  int evaluations;
};
FullFit fit_rows(const RowObjective& objective, const Vector& start, const Vector& weights);

/// The bootstrap as it is usually done: `resamples` refits to convergence.
struct FullBootstrap {
  Matrix estimates; ///< [resample][parameter]
  Vector standard_error;
  long evaluations = 0;
};
FullBootstrap full_bootstrap(const RowObjective& objective, const Vector& minimum, int resamples,
                             const ResamplingUnits& units, std::uint64_t seed,
                             const std::function<void(int done, int all)>& progress = {});

/// H^-1 (sum of the units' squared gradients) H^-1 at the minimum: HC0 for single rows.
Vector sandwich_standard_errors(const RowObjective& objective, const Vector& minimum,
                                const ResamplingUnits& units);

/// sqrt of the diagonal of dispersion H^-1: right where the model is. dispersion 1 for a likelihood, the
/// residual variance for least squares.
Vector classical_standard_errors(const RowObjective& objective, const Vector& minimum, double dispersion);

} // namespace raphson::optim::tools
