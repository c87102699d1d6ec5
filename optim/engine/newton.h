// Damped Newton: x <- x + t d, d = -|H|^-1 g, for few parameters and an exact Hessian.
//
// The symmetric eigenproblem H = V diag(l) V^T gives the direction: each eigenvalue counts by its magnitude,
// no smaller than a floor, so that d descends where H is not positive definite and leaves saddles rather than
// approaching them. Where the gradient vanishes at a saddle, d is the eigenvector of the lowest eigenvalue.
// The step t comes from Armijo backtracking on values alone; an accepted point costs one value and one
// evaluation of all derivatives. Nocedal & Wright, Numerical Optimization, 2nd ed. 2006, section 3.4; Yu &
// Fazekas, "Sound matching an analogue levelling amplifier using the Newton-Raphson method", AES AIMLA 2025
// (line search constants).
#pragma once

#include "optim/engine/erased_objective.h"

namespace raphson::optim {

struct NewtonOptions {
  int maximum_iterations = 100;
  double gradient_tolerance = 1e-10;  // absolute, on the Euclidean norm
  double decrement_tolerance = 1e-12; // on g^T |H|^-1 g / 2, the promised decrease, relative to |value|
  double maximum_step = 2;        // per coordinate and iteration. Fits parameters behind sigmoids, whose flat
                                  // tails would send them far; infinity where coordinates have a scale
  double eigenvalue_floor = 1e-8; // relative to the largest magnitude
  double saddle_tolerance = 1e-6; // a stationary point with an eigenvalue below -this * largest magnitude is
                                  // left along its eigenvector; infinity never leaves
  double sufficient_decrease = 1e-4;
  double backtracking_factor = 0.5;
  int maximum_halvings = 20;
  double value_noise = 1e-14; // relative rounding error of the values; 1e-6 for float kernels
  bool convex = false; // the direction comes from a Cholesky factor, a tenth of the eigenproblem's time,
                       // wherever the Hessian has one
  int patience = 3;    // steps in a row that lower the value by no more than its noise; then stagnated
};

namespace detail {
Result newton(const ErasedObjective& f, const Vector& start, const NewtonOptions& options,
              const Observer& observer);
}

template <class F>
requires HasValue<F> && HasHessian<F> Result minimise(const F& objective, const Vector& start,
                                                      const NewtonOptions& options,
                                                      const Observer& observer = {}) {
  return detail::newton(ErasedObjective(objective), start, options, observer);
}

} // namespace raphson::optim
