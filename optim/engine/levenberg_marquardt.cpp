#include "optim/engine/levenberg_marquardt.h"

#include "optim/engine/line_search.h"
#include "optim/engine/solver_run.h"

#include <Eigen/Cholesky>

#include <algorithm>
#include <cmath>

namespace raphson::optim::detail {
namespace {

// Marquardt's D: the running maximum keeps a parameter that has gone flat from taking huge steps; the floor
// keeps one without any effect from making the system singular.
Vector scaling(const Vector& previous, const Matrix& jtj) {
  const Vector largest = previous.cwiseMax(jtj.diagonal());
  const double floor = largest.maxCoeff() > 0 ? 1e-12 * largest.maxCoeff() : 1.0;
  return largest.cwiseMax(floor);
}

Vector solve_damped(const Point& at, const Vector& d, double mu) {
  Matrix system = at.hessian;
  system.diagonal() += mu * d;
  return system.ldlt().solve(-at.gradient);
}

class Damping {
public:
  explicit Damping(double initial) : mu(initial) {}

  void accept(double gain) {
    mu *= std::max(1.0 / 3, 1 - std::pow(2 * gain - 1, 3));
    nu = 2;
  }
  void reject() {
    mu = std::max(mu, 1e-12) * nu; // from pure Gauss-Newton, mu = 0, too
    nu *= 2;
  }

  double mu;

private:
  double nu = 2;
};

} // namespace

Result levenberg_marquardt(const ErasedObjective& f, const Vector& start, const LevenbergMarquardtOptions& o,
                           const Observer& observer) {
  SolverRun run(start, f.evaluations(), observer);
  const auto evaluate = [&f](Vector x) {
    Point point{.x = std::move(x)};
    point.value = f.value_gradient_and_gauss_newton(point.x, point.gradient, point.hessian);
    return point;
  };
  bool proceed = run.begin(evaluate(start));
  Vector d = Vector::Zero(start.size());
  Damping damping(o.initial_damping);
  while (proceed) {
    const Point& at = run.at();
    d = scaling(d, at.hessian);
    if (at.gradient.norm() <= o.gradient_tolerance) return run.stop(StopReason::converged_gradient);
    const double promised = -0.5 * at.gradient.dot(solve_damped(at, d, 1e-14));
    if (promised >= 0 && promised <= o.decrement_tolerance * std::abs(at.value))
      return run.stop(StopReason::converged_decrement);
    if (run.stagnated(o.value_noise, o.patience)) return run.stop(StopReason::stagnated);
    if (run.iterations() >= o.maximum_iterations) return run.stop(StopReason::iteration_limit);

    bool moved = false;
    for (int rejections = 0; !moved && rejections <= o.maximum_rejections; ++rejections) {
      Vector h = solve_damped(at, d, damping.mu);
      h *= std::min(1.0, longest_step(h, o.maximum_step));
      const double model = -(at.gradient.dot(h) + 0.5 * h.dot(at.hessian * h));
      const double gain = (at.value - f.value(at.x + h)) / model;
      const bool rounding = model <= o.value_noise * std::abs(at.value);
      if (rounding && model >= 0 && !(gain > 0)) return run.stop(StopReason::stagnated);
      if (!(model > 0 && gain > 0)) {
        damping.reject();
        continue;
      }
      Point next = evaluate(at.x + h);
      if (!next.is_finite()) return run.stop(StopReason::not_finite);
      damping.accept(gain);
      proceed = run.move_to(std::move(next));
      moved = true;
    }
    if (!moved) return run.stop(StopReason::line_search_failed);
  }
  return run.stop(StopReason::cancelled);
}

} // namespace raphson::optim::detail
