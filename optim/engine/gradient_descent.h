// Gradient descent, x <- x - t g, with Armijo backtracking from twice the last accepted step: a baseline.
// L. Armijo, "Minimization of functions having Lipschitz continuous first partial derivatives", Pacific J.
// Math. 16 (1966).
#pragma once

#include "optim/engine/erased_objective.h"

namespace raphson::optim {

struct GradientDescentOptions {
  int maximum_iterations = 10000;
  double gradient_tolerance = 1e-8; // absolute, on the Euclidean norm
  double first_step = 1;            // t of the first trial
  double sufficient_decrease = 1e-4;
  double backtracking_factor = 0.5;
  int maximum_halvings = 60;  // more than Newton's: nothing tells the scale of the first step
  double value_noise = 1e-14; // relative rounding error of the values
  int patience = 20;          // steps in a row that lower the value by no more than its noise; then stagnated
};

namespace detail {
Result gradient_descent(const ErasedObjective& f, const Vector& start, const GradientDescentOptions& options,
                        const Observer& observer);
}

template <class F>
requires HasValue<F> && HasGradient<F> Result minimise(const F& objective, const Vector& start,
                                                       const GradientDescentOptions& options,
                                                       const Observer& observer = {}) {
  return detail::gradient_descent(ErasedObjective(objective), start, options, observer);
}

} // namespace raphson::optim
