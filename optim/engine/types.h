// The types that every solver shares: vectors, what a solver returns, and what an observer sees.
//
//   Result r = minimise(objective, start, NewtonOptions{.maximum_iterations = 50}, observer);
//
// The type of the options picks the solver. Every solver throws InputError when the objective cannot be
// evaluated at the start; anything that goes wrong later is a StopReason, and x is the last good point.
#pragma once

#include <Eigen/Core>

#include <functional>
#include <string>
#include <vector>

namespace raphson::optim {

using Vector = Eigen::VectorXd;
using Matrix = Eigen::MatrixXd;

enum class StopReason {
  converged_gradient,  // |gradient| <= gradient_tolerance
  converged_decrement, // the model of second order promises a decrease below decrement_tolerance * |value|
  stagnated,           // the value no longer falls by more than its rounding error
  iteration_limit,
  line_search_failed, // no decrease along the direction although the model promises one
  cancelled,          // by the observer
  not_finite,         // value or derivatives not finite at a point that the solver has to move to
};

// One lower-case phrase without a full stop, for reports: "gradient below its tolerance".
const char* to_string(StopReason reason);

// The stable name for scripts: "converged_gradient".
const char* name_of(StopReason reason);

constexpr bool is_converged(StopReason reason) {
  return reason == StopReason::converged_gradient || reason == StopReason::converged_decrement;
}

// Calls of the objective. Each call counts once, under the highest derivative it returns.
struct Evaluations {
  int value = 0;
  int gradient = 0;        // value_and_gradient over the whole objective
  int hessian = 0;         // with Hessian or Gauss-Newton matrix
  int hessian_product = 0; // one per vector
  int minibatch = 0;       // value_and_gradient over some examples

  bool operator==(const Evaluations&) const = default;
};

struct Result {
  Vector x;
  double value = 0;
  StopReason stop_reason = StopReason::iteration_limit;
  bool converged = false; // is_converged(stop_reason)
  int iterations = 0;     // accepted steps
  int value_evaluations = 0;
  int gradient_evaluations = 0;
  int hessian_evaluations = 0;
  int hessian_product_evaluations = 0;
  int minibatch_evaluations = 0;
  Vector gradient;         // at x
  Matrix hessian;          // at x, from Newton; J^T J from Levenberg-Marquardt; empty from the others
  std::string detail = {}; // what was not finite, and after which step, where a solver can tell
};

// One accepted step; iteration 0 is the start. Valid during the observer's call alone.
struct Step {
  int iteration;
  double value;         // of the objective; of the minibatch where Adam runs on minibatches
  double gradient_norm; // Euclidean
  double step_length;   // |x - previous x|, Euclidean; 0 at the start
  const Vector& x;
  Evaluations evaluations; // so far
  double seconds;          // since minimise() began
};

enum class Control { proceed, cancel };

using Observer = std::function<Control(const Step&)>;

// Calls each observer on every step; cancels if any of them does.
Observer observe_all(std::vector<Observer> observers);

} // namespace raphson::optim
