#include "optim/engine/first_order.h"

#include "dsp/error.h"
#include "optim/engine/batches.h"
#include "optim/engine/solver_run.h"

#include <optional>

namespace raphson::optim::detail {
namespace {

std::span<double> values(Vector& x) { return {x.data(), static_cast<std::size_t>(x.size())}; }
std::span<const double> values(const Vector& x) { return {x.data(), static_cast<std::size_t>(x.size())}; }

class AveragedIterates {
public:
  AveragedIterates(double decay, Eigen::Index n) : decay_(decay) {
    check_decay("first-order solver", "averaging", decay);
    if (decay > 0) mean_ = Vector::Zero(n);
  }
  bool wanted() const { return power_ < 1; }
  void add(const Vector& x) {
    if (decay_ == 0) return;
    mean_ = decay_ * mean_ + (1 - decay_) * x;
    power_ *= decay_;
  }
  Vector mean() const { return mean_ / (1 - power_); }

private:
  double decay_, power_ = 1;
  Vector mean_;
};

/// Where the gradients come from: the whole, or batch after batch.
class Gradients {
public:
  Gradients(const ErasedObjective& f, const FirstOrderOptions& o) : f_(f) {
    if (o.batch_size > 0) batches_.emplace(f.size(), o.batch_size, o.seed, o.stream);
  }
  bool on_minibatches() const { return batches_.has_value(); }
  int step_limit(const FirstOrderOptions& o) const {
    return o.epochs > 0 ? o.epochs * static_cast<int>(batches_->batches_per_epoch()) : o.maximum_iterations;
  }
  void evaluate(Point& at) {
    at.value = batches_ ? f_.minibatch(at.x, batches_->next(), at.gradient)
                        : f_.value_and_gradient(at.x, at.gradient);
  }
  void evaluate_whole(Point& at) {
    at.value = batches_ ? f_.minibatch(at.x, batches_->all(), at.gradient)
                        : f_.value_and_gradient(at.x, at.gradient);
  }

private:
  const ErasedObjective& f_;
  std::optional<Batches> batches_;
};

void check(const ErasedObjective& f, const FirstOrderOptions& o) {
  const std::string name = name_of(o.rule);
  if (o.batch_size > 0 && !f.has_minibatch())
    throw InputError(name + ": batch_size is given but the objective has no minibatches, use batch_size 0");
  if (o.batch_size == 0 && !f.has_gradient())
    throw InputError(name + ": the objective has minibatches alone, give a batch_size above 0");
  if (o.batch_size > 0 && f.size() == 0)
    throw InputError(name + ": the objective has no examples, at least one is needed");
  if (o.epochs > 0 && o.batch_size == 0)
    throw InputError(name + ": epochs are of minibatches, give a batch_size or maximum_iterations");
}

ParameterBlocks blocks_of(const FirstOrderOptions& o, const Vector& start) {
  if (o.blocks.empty()) return one_block(start.size());
  if (parameter_count(o.blocks) != start.size())
    throw InputError("first-order solver: the parameter blocks have "
                     + std::to_string(parameter_count(o.blocks)) + " parameters, the start "
                     + std::to_string(start.size()));
  return o.blocks;
}

std::string what_broke(const Point& next, int iteration, const ParameterBlocks& blocks) {
  std::string what = "the value";
  if (const auto* block = first_not_finite(blocks, values(next.gradient)))
    what = "the gradient of '" + block->name + "'";
  if (const auto* block = first_not_finite(blocks, values(next.x))) what = "'" + block->name + "'";
  return what + " is not finite after step " + std::to_string(iteration);
}

} // namespace

Result first_order(const ErasedObjective& f, const Vector& start, UpdateRule<double>& rule,
                   const FirstOrderOptions& o, const Observer& observer) {
  check(f, o);
  SolverRun run(start, f.evaluations(), observer);
  const ParameterBlocks blocks = blocks_of(o, start);
  Gradients gradients(f, o);
  AveragedIterates average(o.averaging, start.size());
  const bool may_converge = !gradients.on_minibatches() && !rule.is_random();
  const int limit = gradients.step_limit(o);

  Point next{.x = start};
  if (o.projection) o.projection(next.x);
  gradients.evaluate(next);
  std::optional<StopReason> reason;
  std::string broken;
  if (!run.begin(next)) reason = StopReason::cancelled;
  while (!reason) {
    if (may_converge && run.at().gradient.norm() <= o.gradient_tolerance)
      reason = StopReason::converged_gradient;
    else if (run.iterations() >= limit)
      reason = StopReason::iteration_limit;
    if (reason) break;
    const int iteration = run.iterations() + 1;
    next.x = run.x();
    rule.step(values(run.at().gradient), values(next.x), o.schedule ? o.schedule(iteration) : 1);
    if (o.projection) o.projection(next.x);
    gradients.evaluate(next);
    if (!next.is_finite()) {
      reason = StopReason::not_finite;
      broken = what_broke(next, iteration, blocks);
      break;
    }
    average.add(next.x);
    if (!run.exchange(next)) reason = StopReason::cancelled;
  }

  const bool elsewhere = gradients.on_minibatches() || average.wanted();
  if (elsewhere) {
    next.x = average.wanted() ? average.mean() : run.x();
    gradients.evaluate_whole(next);
  }
  Result result = run.stop(*reason);
  result.detail = std::move(broken);
  if (elsewhere) {
    result.x = std::move(next.x);
    result.value = next.value;
    result.gradient = std::move(next.gradient);
  }
  return result;
}

Result first_order(const ErasedObjective& f, const Vector& start, const FirstOrderOptions& o,
                   const Observer& observer) {
  check(f, o);
  if (start.size() == 0) SolverRun(start, f.evaluations(), observer); // which refuses it
  return first_order(f, start, *make_rule<double>(o.rule, blocks_of(o, start)), o, observer);
}

} // namespace raphson::optim::detail
