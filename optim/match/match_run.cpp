#include "optim/match/match_run.h"

#include "optim/engine/parallel.h"

#include <algorithm>
#include <cmath>

namespace raphson::optim::match {
MatchRun::MatchRun(const MatchOptions& options, const MatchObserver& observer)
    : options_(options), observer_(observer), began_(std::chrono::steady_clock::now()),
      threads_(options.threads == 0 ? default_threads() : options.threads) {}

double MatchRun::seconds() const {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - began_).count();
}

void MatchRun::report(const char* phase, double fraction, int iteration, double esr) {
  fraction_ = std::max(fraction_, fraction);
  if (observer_ && observer_({phase, fraction_, iteration, esr}) == Control::cancel) cancelled_ = true;
}

ObjectiveOptions MatchRun::objective_options(std::size_t threads, double release_ms) const {
  ObjectiveOptions o;
  o.chunks = options_.chunks;
  o.chunks.warm_up_seconds = std::max(o.chunks.warm_up_seconds, settling_seconds(release_ms));
  o.chunks.chunk_seconds = std::max(o.chunks.chunk_seconds, 4 * o.chunks.warm_up_seconds);
  o.pre_emphasis_pole = options_.pre_emphasis ? 0.995 : 1.0;
  o.threads = threads;
  return o;
}

NewtonOptions MatchRun::newton_options() const {
  NewtonOptions o;
  o.maximum_iterations = options_.maximum_iterations;
  o.gradient_tolerance = 1e-13;
  o.decrement_tolerance = 1e-9;
  o.value_noise = 1e-12; // chunks add up in another order in value() than with derivatives
  return o;
}

LevenbergMarquardtOptions MatchRun::levenberg_marquardt_options() const {
  LevenbergMarquardtOptions o;
  o.maximum_iterations = std::min(options_.maximum_iterations, 60);
  o.gradient_tolerance = 1e-13;
  o.decrement_tolerance = 1e-6; // linear convergence: further figures cost iterations that no ear would hear
  o.value_noise = 1e-12;
  return o;
}

void MatchRun::count(const Result& r) {
  evaluations_ += r.value_evaluations + r.gradient_evaluations + r.hessian_evaluations;
}

void MatchRun::record(double esr, double gradient_norm, double step_length, double seconds) {
  trace_.push_back({static_cast<int>(trace_.size()), esr, gradient_norm, step_length, seconds});
}

Observer MatchRun::interruptible(std::vector<IterationRecord>& steps) {
  return [this, &steps](const Step& step) {
    steps.push_back({step.iteration, step.value, step.gradient_norm, step.step_length, seconds()});
    const std::lock_guard lock(mutex_);
    report("start", fraction_, step.iteration, step.value);
    return cancelled_ ? Control::cancel : Control::proceed;
  };
}

Observer MatchRun::observe(double from, double to, bool traced) {
  return [this, from, to, traced](const Step& step) {
    const double share = 1 - std::exp(-step.iteration / 6.0);
    report("fit", from + (to - from) * share, step.iteration, step.value);
    // Where a fit begins, the one before has ended.
    if (traced && (step.iteration > 0 || trace_.empty()))
      record(step.value, step.gradient_norm, step.step_length, seconds());
    return cancelled_ ? Control::cancel : Control::proceed;
  };
}

} // namespace raphson::optim::match
