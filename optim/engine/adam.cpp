#include "optim/engine/adam.h"

#include "dsp/error.h"
#include "optim/engine/batches.h"
#include "optim/engine/solver_run.h"

#include <algorithm>
#include <cmath>

namespace raphson::optim::detail {
namespace {

class Moments {
public:
  explicit Moments(Eigen::Index n) : mean_(Vector::Zero(n)), square_(Vector::Zero(n)) {}

  Vector step(const Vector& gradient, const AdamOptions& o) {
    mean_ = o.beta1 * mean_ + (1 - o.beta1) * gradient;
    square_ = o.beta2 * square_ + (1 - o.beta2) * gradient.cwiseAbs2();
    power1_ *= o.beta1;
    power2_ *= o.beta2;
    Vector step(gradient.size());
    for (Eigen::Index i = 0; i < step.size(); ++i) {
      const double mean = mean_[i] / (1 - power1_);
      const double root = std::sqrt(square_[i] / (1 - power2_));
      step[i] = mean == 0 ? 0 : -o.learning_rate * mean / (root + o.epsilon);
    }
    return step;
  }

private:
  Vector mean_, square_;
  double power1_ = 1, power2_ = 1; // beta^t
};

Result full_batch(const ErasedObjective& f, const Vector& start, const AdamOptions& o,
                  const Observer& observer) {
  SolverRun run(start, f.evaluations(), observer);
  const auto evaluate = [&f](Vector x) {
    Point point{.x = std::move(x)};
    point.value = f.value_and_gradient(point.x, point.gradient);
    return point;
  };
  Moments moments(start.size());
  bool proceed = run.begin(evaluate(start));
  while (proceed) {
    const Point& at = run.at();
    if (at.gradient.norm() <= o.gradient_tolerance) return run.stop(StopReason::converged_gradient);
    if (run.iterations() >= o.maximum_iterations) return run.stop(StopReason::iteration_limit);
    Point next = evaluate(at.x + moments.step(at.gradient, o));
    if (!next.is_finite()) return run.stop(StopReason::not_finite);
    proceed = run.move_to(std::move(next));
  }
  return run.stop(StopReason::cancelled);
}

Result minibatches(const ErasedObjective& f, const Vector& start, const AdamOptions& o,
                   const Observer& observer) {
  if (f.size() == 0) throw InputError("adam: the objective has no examples, at least one is needed");
  SolverRun run(start, f.evaluations(), observer);
  Batches batches(f.size(), o.batch_size, o.seed, "adam minibatches");
  const auto evaluate = [&f](Vector x, std::span<const std::size_t> examples) {
    Point point{.x = std::move(x)};
    point.value = f.minibatch(point.x, examples, point.gradient);
    return point;
  };
  Moments moments(start.size());
  StopReason reason = StopReason::iteration_limit;
  bool proceed = run.begin(evaluate(start, batches.next()));
  while (proceed && run.iterations() < o.maximum_iterations) {
    Point next = evaluate(run.x() + moments.step(run.at().gradient, o), batches.next());
    if (!next.is_finite()) {
      reason = StopReason::not_finite;
      break;
    }
    proceed = run.move_to(std::move(next));
  }
  if (!proceed) reason = StopReason::cancelled;

  const Point whole = evaluate(run.x(), batches.all());
  Result result = run.stop(reason);
  result.value = whole.value;
  result.gradient = whole.gradient;
  return result;
}

} // namespace

Result adam(const ErasedObjective& f, const Vector& start, const AdamOptions& o, const Observer& observer) {
  if (o.batch_size > 0 && !f.has_minibatch())
    throw InputError("adam: batch_size is given but the objective has no minibatches, use batch_size 0");
  if (o.batch_size == 0 && !f.has_gradient())
    throw InputError("adam: the objective has minibatches alone, give a batch_size above 0");
  return o.batch_size > 0 ? minibatches(f, start, o, observer) : full_batch(f, start, o, observer);
}

} // namespace raphson::optim::detail
