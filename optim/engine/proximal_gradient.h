// Proximal gradient for a smooth f plus a penalty h with a proximal operator,
//   x <- prox_{t h}(y - t grad f(y)),
// y = x (ISTA) or ahead of it with Nesterov's momentum (FISTA), started again where the momentum points
// uphill. The step t halves until f(x+) <= f(y) + grad f(y)^T (x+ - y) + |x+ - y|^2 / 2t. With the constraint
// of a convex set as the penalty this is projected gradient. Ends where |x+ - y| / t, the gradient of the sum
// where h is smooth, falls below the tolerance. The Result's value includes the penalty, its gradient is that
// of f alone. A. Beck & M. Teboulle, SIAM J. Imaging Sciences 2 (2009); restart: B. O'Donoghue & E. Candes,
// Found. Comput. Math. 15 (2015).
#pragma once

#include "optim/engine/erased_objective.h"
#include "optim/engine/penalties.h"

namespace raphson::optim {

struct ProximalGradientOptions {
  Penalty penalty = {}; // must have both functions
  bool accelerated = true;
  int maximum_iterations = 10000;
  double gradient_tolerance = 1e-8; // absolute, on |x+ - y| / t, Euclidean
  double first_step = 1;
  double growth = 1;          // of t after each step: above 1 finds longer steps again
  int maximum_halvings = 60;  // within an iteration
  double value_noise = 1e-14; // relative rounding error of the values
};

struct ProjectedGradientOptions {
  std::function<void(Vector&)> projection = {}; // onto the feasible set: Box, Simplex, Ball
  bool accelerated = false;
  int maximum_iterations = 10000;
  double gradient_tolerance = 1e-8;
  double first_step = 1;
  double growth = 1;
  int maximum_halvings = 60;
  double value_noise = 1e-14;
};

namespace detail {
Result proximal_gradient(const ErasedObjective& f, const Vector& start,
                         const ProximalGradientOptions& options, const Observer& observer);
ProximalGradientOptions as_proximal(const ProjectedGradientOptions& options);
} // namespace detail

// Throws InputError where the penalty is missing.
template <class F>
requires HasValue<F> && HasGradient<F> Result minimise(const F& objective, const Vector& start,
                                                       const ProximalGradientOptions& options,
                                                       const Observer& observer = {}) {
  return detail::proximal_gradient(ErasedObjective(objective), start, options, observer);
}

// The start is projected first. Throws InputError where the projection is missing.
template <class F>
requires HasValue<F> && HasGradient<F> Result minimise(const F& objective, const Vector& start,
                                                       const ProjectedGradientOptions& options,
                                                       const Observer& observer = {}) {
  return detail::proximal_gradient(ErasedObjective(objective), start, detail::as_proximal(options), observer);
}

} // namespace raphson::optim
