#include "optim/engine/line_search.h"

#include <algorithm>
#include <cmath>

namespace raphson::optim {

std::optional<ArmijoStep> armijo(const std::function<double(double)>& phi, double value, double slope,
                                 double curvature, const ArmijoOptions& options) {
  double step = options.first_step;
  for (int halvings = 0; halvings <= options.maximum_halvings; ++halvings) {
    const double trial = phi(step);
    const double promised = step * slope + 0.5 * step * step * std::min(0.0, curvature);
    const double limit =
        value + options.sufficient_decrease * promised + options.value_noise * std::abs(value);
    if (std::isfinite(trial) && trial <= limit) return ArmijoStep{step, trial};
    step *= options.backtracking_factor;
  }
  return std::nullopt;
}

namespace {

// The minimiser of the cubic through two points with their slopes (Nocedal & Wright, equation 3.59), kept
// away from both ends by a tenth of the interval; its middle where there is no such cubic.
double interpolate(const LinePoint& a, const LinePoint& b) {
  const double low = std::min(a.step, b.step), width = std::abs(b.step - a.step);
  const double d1 = a.slope + b.slope - 3 * (a.value - b.value) / (a.step - b.step);
  const double d2 = std::copysign(std::sqrt(d1 * d1 - a.slope * b.slope), b.step - a.step);
  const double cubic = b.step - (b.step - a.step) * (b.slope + d2 - d1) / (b.slope - a.slope + 2 * d2);
  if (!std::isfinite(cubic)) return low + 0.5 * width;
  return std::clamp(cubic, low + 0.1 * width, low + 0.9 * width);
}

struct WolfeSearch {
  const std::function<LinePoint(double)>& phi;
  const LinePoint& origin;
  const WolfeOptions& options;
  int evaluations = 0;

  LinePoint evaluate(double step) {
    ++evaluations;
    return phi(step);
  }
  bool exhausted() const { return evaluations >= options.maximum_evaluations; }

  // Written so that a value that is not finite is not a decrease.
  bool decreases(const LinePoint& p) const {
    return std::isfinite(p.slope)
           && p.value <= origin.value + options.sufficient_decrease * p.step * origin.slope
                             + options.value_noise * std::abs(origin.value);
  }
  bool flat(const LinePoint& p) const { return std::abs(p.slope) <= -options.curvature * origin.slope; }

  // Values that agree to rounding do not tell; the slopes then decide.
  bool higher(const LinePoint& p, const LinePoint& than) const {
    return p.value > than.value + options.value_noise * std::abs(than.value);
  }

  // low has the smallest value so far among points with sufficient decrease; the interval to high holds a
  // point that meets both conditions. Where interpolation has not shortened it by a third, the next trial
  // halves it, as in More & Thuente, ACM Trans. Math. Software 20 (1994).
  std::optional<LinePoint> zoom(LinePoint low, LinePoint high) {
    bool halve = false;
    while (!exhausted()) {
      const double width = std::abs(high.step - low.step);
      LinePoint trial = evaluate(halve ? 0.5 * (low.step + high.step) : interpolate(low, high));
      if (!decreases(trial) || higher(trial, low)) {
        high = std::move(trial);
      } else {
        if (flat(trial)) return trial;
        if (trial.slope * (high.step - low.step) >= 0) high = std::move(low);
        low = std::move(trial);
      }
      halve = std::abs(high.step - low.step) > 0.66 * width;
    }
    if (low.step > 0) return low;
    return std::nullopt;
  }

  std::optional<LinePoint> run(double step) {
    LinePoint previous = origin;
    while (!exhausted()) {
      step = std::min(step, options.maximum_step);
      LinePoint point = evaluate(step);
      if (!decreases(point) || (previous.step > 0 && higher(point, previous)))
        return zoom(std::move(previous), std::move(point));
      if (flat(point)) return point;
      if (point.slope >= 0) return zoom(std::move(point), std::move(previous));
      if (step >= options.maximum_step) return point;
      previous = std::move(point);
      step *= 2;
    }
    if (previous.step > 0) return previous;
    return std::nullopt;
  }
};

} // namespace

std::optional<LinePoint> strong_wolfe(const std::function<LinePoint(double)>& phi, const LinePoint& origin,
                                      double first_step, const WolfeOptions& options) {
  return WolfeSearch{phi, origin, options}.run(first_step);
}

} // namespace raphson::optim
