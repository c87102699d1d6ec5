#include "optim/engine/gradient_descent.h"

#include "optim/engine/line_search.h"
#include "optim/engine/solver_run.h"

#include <cmath>

namespace raphson::optim::detail {

Result gradient_descent(const ErasedObjective& f, const Vector& start, const GradientDescentOptions& o,
                        const Observer& observer) {
  SolverRun run(start, f.evaluations(), observer);
  const auto evaluate = [&f](Vector x) {
    Point point{.x = std::move(x)};
    point.value = f.value_and_gradient(point.x, point.gradient);
    return point;
  };
  bool proceed = run.begin(evaluate(start));
  double trial = o.first_step;
  while (proceed) {
    const Point& at = run.at();
    const double squared = at.gradient.squaredNorm();
    if (std::sqrt(squared) <= o.gradient_tolerance) return run.stop(StopReason::converged_gradient);
    if (run.stagnated(o.value_noise, o.patience)) return run.stop(StopReason::stagnated);
    if (run.iterations() >= o.maximum_iterations) return run.stop(StopReason::iteration_limit);

    const auto step = armijo([&](double t) { return f.value(at.x - t * at.gradient); }, at.value, -squared, 0,
                             {.sufficient_decrease = o.sufficient_decrease,
                              .backtracking_factor = o.backtracking_factor,
                              .maximum_halvings = o.maximum_halvings,
                              .value_noise = o.value_noise,
                              .first_step = trial});
    if (!step) return run.stop(StopReason::line_search_failed);
    Point next = evaluate(at.x - step->step * at.gradient);
    if (!next.is_finite()) return run.stop(StopReason::not_finite);
    trial = 2 * step->step;
    proceed = run.move_to(std::move(next));
  }
  return run.stop(StopReason::cancelled);
}

} // namespace raphson::optim::detail
