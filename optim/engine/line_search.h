// Line searches: how far to go along a descent direction d from x, for phi(t) = f(x + t d).
#pragma once

#include "optim/engine/types.h"

#include <limits>
#include <optional>

namespace raphson::optim {

// Backtracking until Armijo's condition of sufficient decrease holds,
//   phi(t) <= phi(0) + c (t phi'(0) + t^2/2 min(0, curvature)) + value_noise |phi(0)|,
// from t = first_step, t <- factor * t. Values alone are evaluated; values that are not finite count as too
// high. L. Armijo, "Minimization of functions having Lipschitz continuous first partial derivatives", Pacific
// J. Math. 16 (1966); the constants are those of Yu & Fazekas, "Sound matching an analogue levelling
// amplifier using the Newton-Raphson method", AES AIMLA 2025. The curvature term serves directions of
// negative curvature, along which the slope may vanish.
struct ArmijoOptions {
  double sufficient_decrease = 1e-4; // c
  double backtracking_factor = 0.5;
  int maximum_halvings = 20;
  double value_noise = 0; // relative rounding error of the values
  double first_step = 1;
};

struct ArmijoStep {
  double step;
  double value;
};

// Nothing: no step was short enough.
std::optional<ArmijoStep> armijo(const std::function<double(double)>& phi, double value, double slope,
                                 double curvature, const ArmijoOptions& options);

// A step that meets the strong Wolfe conditions,
//   phi(t) <= phi(0) + c1 t phi'(0)  and  |phi'(t)| <= c2 |phi'(0)|,
// by bracketing and cubic interpolation: Nocedal & Wright, Numerical Optimization, 2nd ed. 2006,
// algorithms 3.5 and 3.6. Each evaluation is a value with its gradient.
struct WolfeOptions {
  double sufficient_decrease = 1e-4; // c1
  double curvature = 0.9;            // c2
  int maximum_evaluations = 30;
  double maximum_step = std::numeric_limits<double>::infinity();
  double value_noise = 0; // relative rounding error of the values
};

struct LinePoint {
  double step = 0;
  double value = 0;
  double slope = 0; // phi'(step)
  Vector x{};
  Vector gradient{};
};

// The point found; where evaluations or maximum_step ran out, the best one with sufficient decrease; or
// nothing.
std::optional<LinePoint> strong_wolfe(const std::function<LinePoint(double)>& phi, const LinePoint& origin,
                                      double first_step, const WolfeOptions& options);

} // namespace raphson::optim
