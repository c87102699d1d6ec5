// A generalised linear model with the elastic net, and cyclic coordinate descent for it:
//   F(w, b) = sum_i d_i l(y_i, x_i^T w + b) + l1 |w|_1 + l2/2 |w|^2,
// l of glm.h, sums and not means, the intercept b free. Parameters are (w, b), b last.
//
//   const ElasticNetProblem problem(x, y, {.family = GlmFamily::logistic, .l1 = 3, .l2 = 0.1});
//   const Result r = minimise(problem, problem.start(), CoordinateDescentOptions{});
//
// Each iteration is a Newton step: the weighted least squares of the second-order model at the point, by
// sweeps over the coordinates, most of them over those that are not zero; halved towards the former point
// where F rises. Zeros are exact. J. Friedman, T. Hastie & R. Tibshirani, J. Statistical Software 33 (2010).
#pragma once

#include "optim/engine/glm.h"

namespace raphson::optim {

struct ElasticNetSettings {
  GlmFamily family = GlmFamily::linear;
  double l1 = 0, l2 = 0;
  Vector weights = {}; // d, one a row, not negative; empty: 1
  bool intercept = true;
};

class ElasticNetProblem {
public:
  /// Keeps references to x (n x p) and y (n). Throws InputError where sizes differ, a weight or penalty is
  /// negative or not finite, all weights are 0, or y is none of the family's.
  ElasticNetProblem(const Matrix& x, const Vector& y, ElasticNetSettings settings);

  const Matrix& x() const { return x_; }
  const Vector& y() const { return y_; }
  const ElasticNetSettings& settings() const { return settings_; }
  double weight(Eigen::Index row) const { return settings_.weights.size() > 0 ? settings_.weights[row] : 1; }
  Eigen::Index coefficients() const { return x_.cols(); }

  /// Zero coefficients and the intercept that is best for them.
  Vector start() const;
  /// w = 0 is optimal from here up: max_j |x_j^T D (y - mean y)|.
  double largest_l1() const;

  Vector predictor(const Vector& parameters) const; // x w + b
  double value(const Vector& parameters) const;
  /// The shortest subgradient of F, zero at the minimum alone: with g the gradient without the l1 term,
  /// g_j + l1 sign(w_j) where w_j is not 0, else what of |g_j| exceeds l1; last the slope by b (0 without
  /// one).
  Vector optimality_residual(const Vector& parameters) const;

private:
  friend class CoordinateDescent;
  double value_at(const Vector& parameters, const Vector& eta) const;
  Vector residual_at(const Vector& parameters, const Vector& eta) const;

  const Matrix& x_;
  const Vector& y_;
  ElasticNetSettings settings_;
};

struct CoordinateDescentOptions {
  int maximum_iterations = 100; // Newton steps
  int maximum_sweeps = 10000;   // an iteration
  double tolerance =
      1e-8; // on the largest entry of the residual, times l1, or times the sum of weights where l1 is 0
};

/// The Result's gradient is the optimality residual. Throws InputError where the start has not p + 1
/// parameters.
Result minimise(const ElasticNetProblem& problem, const Vector& start,
                const CoordinateDescentOptions& options, const Observer& observer = {});

} // namespace raphson::optim
