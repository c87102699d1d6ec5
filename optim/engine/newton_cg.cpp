#include "optim/engine/newton_cg.h"

#include "optim/engine/conjugate_gradients.h"
#include "optim/engine/line_search.h"
#include "optim/engine/solver_run.h"

#include <algorithm>
#include <cmath>

namespace raphson::optim::detail {
namespace {

// The largest t >= 0 with |z + t d| <= limit in every coordinate, for z inside.
double to_edge(const Vector& z, const Vector& d, double limit) {
  double t = std::numeric_limits<double>::infinity();
  for (Eigen::Index i = 0; i < z.size(); ++i)
    if (d[i] != 0) t = std::min(t, (std::copysign(limit, d[i]) - z[i]) / d[i]);
  return std::max(0.0, t);
}

struct Direction {
  Vector d;
  bool interior; // a solution of the Newton equations, not cut off at the box or by negative curvature
};

Direction solve(const ErasedObjective& f, const Point& at, const NewtonCgOptions& o) {
  const double norm = at.gradient.norm();
  const CgResult r =
      conjugate_gradients([&](const Vector& v) { return f.hessian_product(at.x, v); }, -at.gradient,
                          {.maximum_iterations = o.maximum_cg_iterations,
                           .relative_tolerance = std::min(o.largest_residual, std::sqrt(norm)),
                           .box = o.maximum_step});
  if (r.end == CgEnd::converged || r.end == CgEnd::iteration_limit) return {r.x, true};
  const double edge = to_edge(r.x, r.direction, o.maximum_step);
  if (std::isfinite(edge)) return {r.x + edge * r.direction, false};
  if (r.iterations > 0) return {r.x, false};
  const double scale = r.curvature < 0 ? norm * norm / -r.curvature : 1 / norm;
  return {scale * r.direction, false};
}

} // namespace

Result newton_cg(const ErasedObjective& f, const Vector& start, const NewtonCgOptions& o,
                 const Observer& observer) {
  SolverRun run(start, f.evaluations(), observer);
  const auto evaluate = [&f](Vector x) {
    Point point{.x = std::move(x)};
    point.value = f.value_and_gradient(point.x, point.gradient);
    return point;
  };
  bool proceed = run.begin(evaluate(start));
  while (proceed) {
    const Point& at = run.at();
    if (at.gradient.norm() <= o.gradient_tolerance) return run.stop(StopReason::converged_gradient);
    if (run.stagnated(o.value_noise, o.patience)) return run.stop(StopReason::stagnated);
    if (run.iterations() >= o.maximum_iterations) return run.stop(StopReason::iteration_limit);

    const auto [d, interior] = solve(f, at, o);
    const double slope = at.gradient.dot(d);
    const double promised = -0.5 * slope;
    if (interior && promised <= o.decrement_tolerance * std::abs(at.value))
      return run.stop(StopReason::converged_decrement);

    const auto phi = [&, &direction = d](double t) { return f.value(at.x + t * direction); };
    const auto step = armijo(phi, at.value, slope, 0,
                             {.sufficient_decrease = o.sufficient_decrease,
                              .backtracking_factor = o.backtracking_factor,
                              .maximum_halvings = o.maximum_halvings,
                              .value_noise = o.value_noise});
    if (!step) {
      const bool rounding = promised <= o.value_noise * std::abs(at.value);
      return run.stop(rounding ? StopReason::stagnated : StopReason::line_search_failed);
    }
    Point next = evaluate(at.x + step->step * d);
    if (!next.is_finite()) return run.stop(StopReason::not_finite);
    proceed = run.move_to(std::move(next));
  }
  return run.stop(StopReason::cancelled);
}

} // namespace raphson::optim::detail
