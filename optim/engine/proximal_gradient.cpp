#include "optim/engine/proximal_gradient.h"

#include "dsp/error.h"
#include "optim/engine/solver_run.h"

#include <cmath>
#include <optional>

namespace raphson::optim {

namespace detail {
namespace {

struct ProximalStep {
  Vector x;
  double smooth_value, length; // f(x) and |x - y| / t
};

std::optional<ProximalStep> step_from(const ErasedObjective& f, const Point& y, double& t,
                                      const ProximalGradientOptions& o) {
  for (int halvings = 0; halvings <= o.maximum_halvings; ++halvings) {
    ProximalStep next{.x = y.x - t * y.gradient, .smooth_value = 0, .length = 0};
    o.penalty.proximal(next.x, t);
    const Vector move = next.x - y.x;
    next.smooth_value = f.value(next.x);
    next.length = move.norm() / t;
    const double model = y.value + y.gradient.dot(move) + move.squaredNorm() / (2 * t);
    if (std::isfinite(next.smooth_value)
        && next.smooth_value <= model + o.value_noise * std::max(1.0, std::abs(y.value)))
      return next;
    t *= 0.5;
  }
  return std::nullopt;
}

} // namespace

Result proximal_gradient(const ErasedObjective& f, const Vector& start, const ProximalGradientOptions& o,
                         const Observer& observer) {
  if (!o.penalty.value || !o.penalty.proximal)
    throw InputError("proximal gradient: the penalty or the projection is missing, give one");
  SolverRun run(start, f.evaluations(), observer);
  const auto evaluate = [&f](Vector x) {
    Point point{.x = std::move(x)};
    point.value = f.value_and_gradient(point.x, point.gradient);
    return point;
  };
  Vector feasible = start;
  o.penalty.proximal(feasible, 0);
  Point y = evaluate(std::move(feasible)), first = y;
  first.value += o.penalty.value(first.x);
  bool proceed = run.begin(std::move(first));
  double t = o.first_step, momentum = 1;
  while (proceed) {
    if (run.iterations() >= o.maximum_iterations) return run.stop(StopReason::iteration_limit);
    const auto step = step_from(f, y, t, o);
    if (!step) return run.stop(StopReason::line_search_failed);
    Point next = evaluate(step->x);
    if (!next.is_finite()) return run.stop(StopReason::not_finite);

    const bool uphill = (y.x - next.x).dot(next.x - run.x()) > 0;
    const double following =
        uphill || !o.accelerated ? 1 : 0.5 * (1 + std::sqrt(1 + 4 * momentum * momentum));
    const double ahead = following > 1 ? (momentum - 1) / following : 0;
    const Vector ahead_at = next.x + ahead * (next.x - run.x());
    momentum = following;
    y = ahead > 0 ? evaluate(ahead_at) : next;
    if (!y.is_finite()) y = next;
    next.value += o.penalty.value(next.x);
    proceed = run.move_to(std::move(next));
    if (proceed && step->length <= o.gradient_tolerance) return run.stop(StopReason::converged_gradient);
    t *= o.growth;
  }
  return run.stop(StopReason::cancelled);
}

ProximalGradientOptions as_proximal(const ProjectedGradientOptions& o) {
  return {.penalty = o.projection ? Penalty{.value = [](const Vector&) { return 0.0; },
                                            .proximal = [p = o.projection](Vector& x, double) { p(x); }}
                                  : Penalty{},
          .accelerated = o.accelerated,
          .maximum_iterations = o.maximum_iterations,
          .gradient_tolerance = o.gradient_tolerance,
          .first_step = o.first_step,
          .growth = o.growth,
          .maximum_halvings = o.maximum_halvings,
          .value_noise = o.value_noise};
}

} // namespace detail
} // namespace raphson::optim
