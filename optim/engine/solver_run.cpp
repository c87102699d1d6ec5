#include "optim/engine/solver_run.h"

#include "dsp/error.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <string>

namespace raphson::optim {

bool Point::is_finite() const {
  return x.allFinite() && std::isfinite(value) && gradient.allFinite() && hessian.allFinite();
}

SolverRun::SolverRun(const Vector& start, const Evaluations& evaluations, const Observer& observer)
    : evaluations_(evaluations), observer_(observer) {
  if (start.size() == 0) throw InputError("minimise: the start has no parameters, at least one is needed");
  for (Eigen::Index i = 0; i < start.size(); ++i)
    if (!std::isfinite(start[i]))
      throw InputError("minimise: parameter " + std::to_string(i) + " of the start is "
                       + std::to_string(start[i]) + ", a finite number is needed");
  at_.x = start;
}

bool SolverRun::begin(Point start) {
  if (!std::isfinite(start.value))
    throw InputError("minimise: the objective is " + std::to_string(start.value)
                     + " at the start, choose a start where it is finite");
  if (!start.is_finite())
    throw InputError("minimise: the derivatives are not finite at the start, choose a start where they are");
  at_ = std::move(start);
  return report(0);
}

bool SolverRun::move_to(Point next) {
  const double scale = std::max(std::abs(at_.value), std::numeric_limits<double>::min());
  relative_decreases_.push_back((at_.value - next.value) / scale);
  const double step_length = (next.x - at_.x).norm();
  at_ = std::move(next);
  ++iterations_;
  return report(step_length);
}

bool SolverRun::exchange(Point& next) {
  const double step_length = (next.x - at_.x).norm();
  std::swap(at_, next);
  ++iterations_;
  return report(step_length);
}

bool SolverRun::stagnated(double noise, int patience) const {
  if (patience <= 0 || relative_decreases_.size() < static_cast<std::size_t>(patience)) return false;
  return std::all_of(relative_decreases_.end() - patience, relative_decreases_.end(),
                     [noise](double decrease) { return decrease <= noise; });
}

bool SolverRun::report(double step_length) const {
  if (!observer_) return true;
  return observer_({.iteration = iterations_,
                    .value = at_.value,
                    .gradient_norm = at_.gradient.norm(),
                    .step_length = step_length,
                    .x = at_.x,
                    .evaluations = evaluations_,
                    .seconds = stopwatch_.seconds()})
         != Control::cancel;
}

Result SolverRun::stop(StopReason reason) const {
  return {.x = at_.x,
          .value = at_.value,
          .stop_reason = reason,
          .converged = is_converged(reason),
          .iterations = iterations_,
          .value_evaluations = evaluations_.value,
          .gradient_evaluations = evaluations_.gradient,
          .hessian_evaluations = evaluations_.hessian,
          .hessian_product_evaluations = evaluations_.hessian_product,
          .minibatch_evaluations = evaluations_.minibatch,
          .gradient = at_.gradient,
          .hessian = at_.hessian};
}

double longest_step(const Vector& direction, double maximum_step) {
  const double largest = direction.lpNorm<Eigen::Infinity>();
  return largest > 0 ? maximum_step / largest : std::numeric_limits<double>::infinity();
}

} // namespace raphson::optim
