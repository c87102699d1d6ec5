#include "optim/match/match_run.h"

#include "dsp/chain/processor.h"
#include "optim/engine/parallel.h"

#include <algorithm>
#include <cmath>

namespace raphson::optim::match {
namespace {

double energy(const float* x, std::size_t begin, std::size_t end) {
  double sum = 0;
  for (std::size_t n = begin; n < end; n += 7) sum += double(x[n]) * double(x[n]);
  return sum;
}

} // namespace

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

std::vector<ChunkView> representative_chunks(const std::vector<ChunkView>& chunks) {
  constexpr std::size_t enough = 8;
  if (chunks.size() <= enough) return chunks;
  std::vector<std::pair<double, std::size_t>> order; // loudest first
  for (std::size_t i = 0; i < chunks.size(); ++i)
    order.push_back({-energy(chunks[i].dry, 0, chunks[i].count), i});
  std::sort(order.begin(), order.end());
  std::vector<ChunkView> chosen;
  for (std::size_t k = 0; k < enough; ++k)
    chosen.push_back(chunks[order[k * (chunks.size() / 2) / enough].second]);
  return chosen;
}

double remaining_delay(const Pair& pair, const dsp::ChainSettings& chain) {
  constexpr double window_seconds = 15, settle_seconds = 3;
  const auto length = static_cast<std::size_t>(window_seconds * pair.sample_rate);
  const auto settle = static_cast<std::size_t>(settle_seconds * pair.sample_rate);
  std::size_t begin = pair.scored_begin;
  const std::size_t count = std::min(length, pair.scored_end - pair.scored_begin);
  const float* dry = pair.dry[0].data();
  for (std::size_t from = begin; from + count <= pair.scored_end; from += count)
    if (energy(dry, from, from + count) > energy(dry, begin, begin + count)) begin = from;

  const std::size_t from = begin > settle ? begin - settle : 0;
  std::vector<double> clone(begin + count - from);
  dsp::ChainProcessor(chain, pair.sample_rate)
      .process(std::span(pair.dry[0]).subspan(from, clone.size()), clone);
  return fractional_delay_between(std::span<const double>(clone).subspan(begin - from),
                                  std::span(pair.wet[0]).subspan(begin, count));
}

} // namespace raphson::optim::match
