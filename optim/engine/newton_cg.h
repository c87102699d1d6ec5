// Truncated Newton: H d = -g is solved by conjugate gradients on Hessian-vector products, as far as the
// distance to the minimum deserves, then Armijo backtracking along d. No Hessian is formed, so it fits many
// parameters.
//
// The inner iteration stops at a residual of min(1/2, |g|^1/2) |g| (superlinear convergence), or at the first
// direction of negative curvature, or where d would leave the box |d_i| <= maximum_step; in the last two
// cases it goes on to the edge of the box, as Steihaug's does to the edge of a trust region. A start at a
// saddle where the gradient is exactly zero is not left: NewtonOptions has the full spectrum for that. R. S.
// Dembo & T. Steihaug, "Truncated-Newton algorithms for large-scale unconstrained optimization", Math.
// Programming 26 (1983); Nocedal & Wright, Numerical Optimization, 2nd ed. 2006, algorithms 7.1 and 7.2.
#pragma once

#include "optim/engine/erased_objective.h"

namespace raphson::optim {

struct NewtonCgOptions {
  int maximum_iterations = 200;
  int maximum_cg_iterations = 0;      // a solve; 0: twice the number of parameters
  double gradient_tolerance = 1e-10;  // absolute, on the Euclidean norm
  double decrement_tolerance = 1e-12; // on -g^T d / 2, the promised decrease, relative to |value|
  double maximum_step = 2;            // per coordinate and iteration; infinity where coordinates have a scale
  double largest_residual = 0.5;      // of the inner solve, relative to |g|; 0 solves to rounding
  double sufficient_decrease = 1e-4;
  double backtracking_factor = 0.5;
  int maximum_halvings = 20;
  double value_noise = 1e-14; // relative rounding error of the values
  int patience = 3;           // steps in a row that lower the value by no more than its noise; then stagnated
};

namespace detail {
Result newton_cg(const ErasedObjective& f, const Vector& start, const NewtonCgOptions& options,
                 const Observer& observer);
}

template <class F>
requires HasValue<F> && HasGradient<F> && HasHessianProduct<F>
    Result minimise(const F& objective, const Vector& start, const NewtonCgOptions& options,
                    const Observer& observer = {}) {
  return detail::newton_cg(ErasedObjective(objective), start, options, observer);
}

} // namespace raphson::optim
