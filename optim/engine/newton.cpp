#include "optim/engine/newton.h"

#include "optim/engine/line_search.h"
#include "optim/engine/solver_run.h"

#include <Eigen/Cholesky>
#include <Eigen/Eigenvalues>

#include <algorithm>
#include <cmath>
#include <optional>

namespace raphson::optim::detail {
namespace {

struct Direction {
  Vector d;
  double promised;  // decrease by the quadratic model of the whole step, without the limit on its length
  double curvature; // d^T H d where the slope alone does not tell the decrease, else 0
};

class Spectrum {
public:
  explicit Spectrum(const Matrix& hessian) : solver_(hessian) {
    largest_ = solver_.eigenvalues().cwiseAbs().maxCoeff();
  }

  // Each eigendirection is limited by itself, so that a flat one does not hold up the others.
  Direction newton(const Vector& gradient, const NewtonOptions& options) const {
    const double floor = largest_ > 0 ? options.eigenvalue_floor * largest_ : 1.0;
    const Eigen::ArrayXd magnitude = solver_.eigenvalues().array().abs().max(floor);
    const Eigen::ArrayXd along = (solver_.eigenvectors().transpose() * gradient).array();
    const Eigen::ArrayXd whole = -along / magnitude;
    const Eigen::ArrayXd limited = whole.max(-options.maximum_step).min(options.maximum_step);
    Vector d = solver_.eigenvectors() * limited.matrix();
    d *= std::min(1.0, longest_step(d, options.maximum_step));
    return {.d = std::move(d), .promised = -0.5 * (along * whole).sum(), .curvature = 0};
  }

  bool has_negative_curvature(double tolerance) const {
    return solver_.eigenvalues()[0] < -tolerance * largest_;
  }

  Direction downhill(const Point& at, double maximum_step) const {
    Vector d = solver_.eigenvectors().col(0);
    if (at.gradient.dot(d) > 0) d = -d;
    const double longest = longest_step(d, maximum_step);
    d *= std::isfinite(longest) ? longest : std::max(1.0, at.x.norm());
    const double curvature = solver_.eigenvalues()[0] * d.squaredNorm();
    return {.d = std::move(d), .promised = -0.5 * curvature, .curvature = curvature};
  }

private:
  Eigen::SelfAdjointEigenSolver<Matrix> solver_;
  double largest_;
};

/// Newton's direction where the Hessian is positive definite.
std::optional<Direction> convex_direction(const Point& at, const NewtonOptions& options) {
  const Eigen::LLT<Matrix> factor(at.hessian);
  if (factor.info() != Eigen::Success) return {};
  Vector d = -factor.solve(at.gradient);
  const double promised = -0.5 * at.gradient.dot(d);
  if (!std::isfinite(promised) || promised < 0) return {};
  d *= std::min(1.0, longest_step(d, options.maximum_step));
  return Direction{.d = std::move(d), .promised = promised, .curvature = 0};
}

ArmijoOptions line_options(const NewtonOptions& o) {
  return {.sufficient_decrease = o.sufficient_decrease,
          .backtracking_factor = o.backtracking_factor,
          .maximum_halvings = o.maximum_halvings,
          .value_noise = o.value_noise};
}

} // namespace

Result newton(const ErasedObjective& f, const Vector& start, const NewtonOptions& o,
              const Observer& observer) {
  SolverRun run(start, f.evaluations(), observer);
  const auto evaluate = [&f](Vector x) {
    Point point{.x = std::move(x)};
    point.value = f.value_gradient_and_hessian(point.x, point.gradient, point.hessian);
    return point;
  };
  bool proceed = run.begin(evaluate(start));
  while (proceed) {
    const Point& at = run.at();
    std::optional<Spectrum> spectrum;
    std::optional<Direction> convex = o.convex ? convex_direction(at, o) : std::nullopt;
    if (!convex) spectrum.emplace(at.hessian);
    Direction direction = convex ? std::move(*convex) : spectrum->newton(at.gradient, o);

    const bool flat = at.gradient.norm() <= o.gradient_tolerance;
    const double negligible = o.decrement_tolerance * std::abs(at.value);
    const bool stationary = flat || direction.promised <= negligible;
    const StopReason reached = flat ? StopReason::converged_gradient : StopReason::converged_decrement;
    if (stationary) {
      if (!spectrum || !spectrum->has_negative_curvature(o.saddle_tolerance)) return run.stop(reached);
      direction = spectrum->downhill(at, o.maximum_step);
      if (direction.promised <= negligible) return run.stop(reached);
    }
    if (run.stagnated(o.value_noise, o.patience)) return run.stop(StopReason::stagnated);
    if (run.iterations() >= o.maximum_iterations) return run.stop(StopReason::iteration_limit);

    const auto step = armijo([&](double t) { return f.value(at.x + t * direction.d); }, at.value,
                             at.gradient.dot(direction.d), direction.curvature, line_options(o));
    if (!step) {
      if (stationary) return run.stop(reached);
      const bool rounding = direction.promised <= o.value_noise * std::abs(at.value);
      return run.stop(rounding ? StopReason::stagnated : StopReason::line_search_failed);
    }
    Point next = evaluate(at.x + step->step * direction.d);
    if (!next.is_finite()) return run.stop(StopReason::not_finite);
    proceed = run.move_to(std::move(next));
  }
  return run.stop(StopReason::cancelled);
}

} // namespace raphson::optim::detail
