// Levenberg-Marquardt for f = 1/2 |r|^2: (J^T J + mu D) h = -J^T r, x <- x + h.
//
// D is Marquardt's scaling, the largest diagonal of J^T J so far, which makes the steps independent of the
// units of the parameters. The gain ratio rho of the actual to the promised decrease governs the damping
// (Nielsen):
//   rho > 0: accept, mu <- mu max(1/3, 1 - (2 rho - 1)^3), nu <- 2;   else mu <- mu nu, nu <- 2 nu.
// A rejected step costs a value, an accepted one a value and an evaluation of gradient and J^T J.
// K. Madsen, H. B. Nielsen & O. Tingleff, Methods for Non-linear Least Squares Problems, 2nd ed., DTU 2004,
// section 3.2; J. J. More, "The Levenberg-Marquardt algorithm", 1978 (the scaling). With initial_damping = 0
// and a good model it is Gauss-Newton.
#pragma once

#include "optim/engine/adapters.h"
#include "optim/engine/erased_objective.h"

namespace raphson::optim {

struct LevenbergMarquardtOptions {
  int maximum_iterations = 200;
  double gradient_tolerance = 1e-10;  // absolute, on the Euclidean norm of J^T r
  double decrement_tolerance = 1e-12; // on g^T (J^T J)^-1 g / 2, the promised decrease, relative to |value|
  double maximum_step = 2;            // per coordinate and iteration; infinity where coordinates have a scale
  double initial_damping = 1e-3;      // mu, relative to D
  double value_noise = 1e-14;         // relative rounding error of the values
  int maximum_rejections = 40;        // in a row; then line_search_failed
  int patience = 3; // steps in a row that lower the value by no more than its noise; then stagnated
};

namespace detail {
Result levenberg_marquardt(const ErasedObjective& f, const Vector& start,
                           const LevenbergMarquardtOptions& options, const Observer& observer);
}

template <class F>
requires(HasValue<F>&& HasGaussNewton<F>)
    || HasResiduals<F> Result
    minimise(const F& objective, const Vector& start, const LevenbergMarquardtOptions& options,
             const Observer& observer = {}) {
  if constexpr (HasValue<F> && HasGaussNewton<F>) {
    return detail::levenberg_marquardt(ErasedObjective(objective), start, options, observer);
  } else {
    const GaussNewtonFromResiduals<F> adapted(objective);
    return detail::levenberg_marquardt(ErasedObjective(adapted), start, options, observer);
  }
}

} // namespace raphson::optim
