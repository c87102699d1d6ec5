// L-BFGS: quasi-Newton with the inverse Hessian implied by the last `history` steps (two-loop recursion) and
// a line search for the strong Wolfe conditions. J. Nocedal, "Updating quasi-Newton matrices with limited
// storage", Math. Comp. 35 (1980); D. C. Liu & J. Nocedal, "On the limited memory BFGS method", Math.
// Programming 45 (1989).
#pragma once

#include "optim/engine/erased_objective.h"

#include <limits>

namespace raphson::optim {

struct LbfgsOptions {
  int maximum_iterations = 1000;
  int history = 10;
  double gradient_tolerance = 1e-8;                              // absolute, on the Euclidean norm
  double maximum_step = std::numeric_limits<double>::infinity(); // per coordinate and iteration
  double sufficient_decrease = 1e-4;
  double curvature = 0.9;
  int maximum_line_evaluations = 30;
  double value_noise = 1e-14; // relative rounding error of the values
  int patience = 5;           // steps in a row that lower the value by no more than its noise; then stagnated
};

namespace detail {
Result lbfgs(const ErasedObjective& f, const Vector& start, const LbfgsOptions& options,
             const Observer& observer);
}

template <class F>
requires HasGradient<F> Result minimise(const F& objective, const Vector& start, const LbfgsOptions& options,
                                        const Observer& observer = {}) {
  return detail::lbfgs(ErasedObjective(objective), start, options, observer);
}

} // namespace raphson::optim
