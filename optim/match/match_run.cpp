#include "optim/match/match_run.h"

#include "optim/engine/parallel.h"

#include <algorithm>
#include <cmath>

namespace raphson::optim::match {
MatchRun::MatchRun(const MatchOptions& options, const MatchObserver& observer)
    : options_(options), observer_(observer),
      threads_(options.threads == 0 ? default_threads() : options.threads) {}

double MatchRun::seconds() const { return stopwatch_.seconds(); }

bool MatchRun::wish_to_cancel(const char* phase, int iteration, double esr) {
  try {
    if (observer_ && observer_({phase, fraction_, iteration, esr}) == Control::cancel) wished_ = true;
  } catch (...) {
    ranks().fail(std::current_exception());
  }
  return wished_;
}

void MatchRun::report(const char* phase, double fraction, int iteration, double esr) {
  fraction_ = std::max(fraction_, fraction);
  cancelled_ = ranks().agree_to_cancel(wish_to_cancel(phase, iteration, esr));
}

ObjectiveOptions MatchRun::objective_options(std::size_t threads, double release_ms) const {
  ObjectiveOptions o;
  o.chunks = options_.chunks;
  o.chunks.warm_up_seconds = std::max(o.chunks.warm_up_seconds, settling_seconds(release_ms));
  o.chunks.chunk_seconds = std::max(o.chunks.chunk_seconds, 4 * o.chunks.warm_up_seconds);
  o.pre_emphasis_pole = options_.pre_emphasis ? 0.995 : 1.0;
  o.threads = threads;
  o.ranks = &ranks();
  return o;
}

ObjectiveOptions MatchRun::own_objective_options(double release_ms) const {
  ObjectiveOptions o = objective_options(1, release_ms);
  o.ranks = &one_rank();
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
    const bool wish = wish_to_cancel("start", step.iteration, step.value);
    ranks().agree_to_cancel(wish);
    return wish ? Control::cancel : Control::proceed;
  };
}

namespace {

/// One attempt as numbers, to send: value, counts and sizes, x, then the steps.
void pack(std::size_t index, const MatchRun::Attempt& a, std::vector<double>& out) {
  const Result& r = a.result;
  out.insert(out.end(),
             {static_cast<double>(index), r.value, static_cast<double>(r.value_evaluations),
              static_cast<double>(r.gradient_evaluations), static_cast<double>(r.hessian_evaluations),
              static_cast<double>(r.x.size()), static_cast<double>(a.steps.size())});
  out.insert(out.end(), r.x.begin(), r.x.end());
  for (const IterationRecord& s : a.steps)
    out.insert(out.end(),
               {static_cast<double>(s.iteration), s.esr, s.gradient_norm, s.step_length, s.seconds});
}

const double* unpack(const double* in, std::vector<MatchRun::Attempt>& attempts) {
  const auto next = [&in] { return static_cast<int>(*in++); };
  MatchRun::Attempt& a = attempts[static_cast<std::size_t>(next())];
  a.result.value = *in++;
  a.result.value_evaluations = next();
  a.result.gradient_evaluations = next();
  a.result.hessian_evaluations = next();
  a.result.x.resize(next());
  a.steps.resize(static_cast<std::size_t>(next()));
  for (double& x : a.result.x) x = *in++;
  for (IterationRecord& s : a.steps) {
    s = {static_cast<int>(in[0]), in[1], in[2], in[3], in[4]};
    in += 5;
  }
  return in;
}

} // namespace

std::vector<MatchRun::Attempt> MatchRun::side_by_side(std::size_t count, const Solve& solve) {
  std::vector<Attempt> attempts(count);
  for_own(ranks(), count, threads_,
          [&](std::size_t i) { attempts[i].result = solve(i, interruptible(attempts[i].steps)); });
  std::vector<double> own;
  for (auto i = static_cast<std::size_t>(ranks().rank()); i < count;
       i += static_cast<std::size_t>(ranks().size()))
    pack(i, attempts[i], own);
  const std::string bytes(reinterpret_cast<const char*>(own.data()), own.size() * sizeof(double));
  for (const std::string& from : ranks().exchange(bytes)) {
    std::vector<double> numbers(from.size() / sizeof(double));
    std::copy_n(from.data(), from.size(), reinterpret_cast<char*>(numbers.data()));
    for (const double *at = numbers.data(), *end = at + numbers.size(); at != end;) at = unpack(at, attempts);
  }
  for (const Attempt& a : attempts) this->count(a.result);
  for (const IterationRecord& s : best(attempts).steps)
    record(s.esr, s.gradient_norm, s.step_length, s.seconds);
  return attempts;
}

const MatchRun::Attempt& MatchRun::best(const std::vector<Attempt>& attempts) {
  return *std::min_element(attempts.begin(), attempts.end(), [](const Attempt& a, const Attempt& b) {
    return a.result.value < b.result.value;
  });
}

void MatchRun::begin_to_keep(const MatchState& state) {
  kept_alignment_ = state.alignment;
  kept_seconds_ = -1; // at once
  keep(state.chain);
}

void MatchRun::keep(const dsp::ChainSettings& chain) {
  constexpr double interval_seconds = 1;
  const bool due = kept_seconds_ < 0 || seconds() - kept_seconds_ >= interval_seconds;
  if (!options_.keep || !kept_alignment_ || !due) return;
  kept_seconds_ = seconds();
  try {
    options_.keep({chain, *kept_alignment_});
  } catch (...) {
    ranks().fail(std::current_exception());
  }
}

Observer MatchRun::observe(double from, double to, bool traced, const ChainAt& chain_at) {
  return [this, from, to, traced, chain_at](const Step& step) {
    const double share = 1 - std::exp(-step.iteration / 6.0);
    if (chain_at) keep(chain_at(step.x));
    report("fit", from + (to - from) * share, step.iteration, step.value);
    // Where a fit begins, the one before has ended.
    if (traced && (step.iteration > 0 || trace_.empty()))
      record(step.value, step.gradient_norm, step.step_length, seconds());
    return cancelled_ ? Control::cancel : Control::proceed;
  };
}

} // namespace raphson::optim::match
