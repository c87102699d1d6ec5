#include "optim/match/match.h"

#include "dsp/chain/processor.h"
#include "dsp/error.h"
#include "dsp/measure/esr.h"
#include "optim/data/fractional_delay.h"
#include "optim/engine/newton.h"
#include "optim/engine/parallel.h"
#include "optim/match/check_pair.h"
#include "optim/match/compressor_objective.h"
#include "optim/match/standard_errors.h"
#include "optim/match/starts.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <limits>
#include <numeric>

namespace raphson::optim::match {
namespace {

constexpr std::size_t delay_margin = 48; // half the taps of the fractional delay
constexpr double settle_before_window_seconds = 3;

std::vector<float> shifted(const std::vector<float>& wet, double delay, std::size_t frames, bool inverted) {
  const double whole = std::round(delay);
  std::vector<float> out(frames, 0.0f);
  const auto offset = static_cast<std::ptrdiff_t>(whole);
  for (std::size_t n = 0; n < frames; ++n) {
    const std::ptrdiff_t m = static_cast<std::ptrdiff_t>(n) + offset;
    if (m >= 0 && m < static_cast<std::ptrdiff_t>(wet.size())) out[n] = wet[static_cast<std::size_t>(m)];
  }
  if (delay != whole) out = data::fractional_delay(out, whole - delay);
  if (inverted)
    for (float& y : out) y = -y;
  return out;
}

/// The loudest stretch of the pair, one channel, for the estimate of the delay.
struct Window {
  std::size_t from, first, to; ///< played from, compared in [first, to)
};

Window loudest_window(const Pair& pair, double seconds) {
  const auto length = static_cast<std::size_t>(seconds * pair.sample_rate);
  const auto settle = static_cast<std::size_t>(settle_before_window_seconds * pair.sample_rate);
  const std::size_t begin = pair.scored_begin, end = pair.scored_end;
  if (end - begin <= length) return {0, begin, end};
  double best = -1;
  std::size_t at = begin;
  for (std::size_t from = begin; from + length <= end; from += length) {
    double energy = 0;
    for (std::size_t n = from; n < from + length; n += 7)
      energy += double(pair.dry[0][n]) * double(pair.dry[0][n]);
    if (energy > best) {
      best = energy;
      at = from;
    }
  }
  return {at > settle ? at - settle : 0, at, at + length};
}

/// How much later the wet recording of the pair is than the clone, in samples.
double remaining_delay(const Pair& pair, const dsp::ChainSettings& chain) {
  const Window w = loudest_window(pair, 15);
  std::vector<double> clone(w.to - w.from);
  dsp::ChainProcessor(chain, pair.sample_rate)
      .process(std::span(pair.dry[0]).subspan(w.from, clone.size()), clone);
  return fractional_delay_between(std::span<const double>(clone).subspan(w.first - w.from),
                                  std::span(pair.wet[0]).subspan(w.first, w.to - w.first));
}

/// Runs of the solver with what the caller wants to see of them.
class Run {
public:
  Run(const MatchOptions& options, const MatchObserver& observer)
      : options_(options), observer_(observer), began_(std::chrono::steady_clock::now()),
        threads_(options.threads == 0 ? default_threads() : options.threads) {}

  std::size_t threads() const { return threads_; }
  double seconds() const {
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - began_).count();
  }
  bool cancelled() const { return cancelled_; }

  void report(const char* phase, double fraction, int iteration, double esr) {
    fraction_ = std::max(fraction_, fraction);
    if (observer_ && observer_({phase, fraction_, iteration, esr}) == Control::cancel) cancelled_ = true;
  }

  ObjectiveOptions objective_options(std::size_t threads, double release_ms) const {
    ObjectiveOptions o;
    o.chunks = options_.chunks;
    o.chunks.warm_up_seconds = std::max(o.chunks.warm_up_seconds, settling_seconds(release_ms));
    o.chunks.chunk_seconds = std::max(o.chunks.chunk_seconds, 4 * o.chunks.warm_up_seconds);
    o.pre_emphasis_pole = options_.pre_emphasis ? 0.995 : 1.0;
    o.threads = threads;
    return o;
  }

  NewtonOptions newton_options() const {
    NewtonOptions o;
    o.maximum_iterations = options_.maximum_iterations;
    o.gradient_tolerance = 1e-13;
    return o;
  }

  int evaluations = 0;

private:
  const MatchOptions& options_;
  const MatchObserver& observer_;
  std::chrono::steady_clock::time_point began_;
  std::size_t threads_;
  double fraction_ = 0;
  bool cancelled_ = false;
};

int count(const Result& r) { return r.value_evaluations + r.gradient_evaluations + r.hessian_evaluations; }

/// Newton on the objective; the observer's bar moves from `from` towards `to`.
Result fit(Run& run, const CompressorObjective& objective, const Vector& start, double from, double to,
           std::vector<IterationRecord>* trace = nullptr) {
  const Observer observer = [&](const Step& step) {
    const double share = 1 - std::exp(-step.iteration / 6.0);
    run.report("fit", from + (to - from) * share, step.iteration, step.value);
    if (trace)
      trace->push_back({step.iteration, step.value, step.gradient_norm, step.step_length, step.seconds});
    return run.cancelled() ? Control::cancel : Control::proceed;
  };
  Result result = minimise(objective, start, run.newton_options(), observer);
  run.evaluations += count(result);
  return result;
}

/// The chunks that the search for a start looks at: the loudest, few enough to be quick.
std::vector<ChunkView> representative_chunks(std::vector<ChunkView> chunks) {
  constexpr std::size_t enough = 8;
  if (chunks.size() <= enough) return chunks;
  const auto energy = [](const ChunkView& chunk) {
    double sum = 0;
    for (std::size_t n = 0; n < chunk.count; n += 13) sum += double(chunk.dry[n]) * double(chunk.dry[n]);
    return sum;
  };
  std::vector<std::pair<double, std::size_t>> order;
  for (std::size_t i = 0; i < chunks.size(); ++i) order.push_back({-energy(chunks[i]), i});
  std::sort(order.begin(), order.end());
  std::vector<ChunkView> chosen;
  // From loudest to the median, evenly: quiet chunks say little about the ratio.
  for (std::size_t k = 0; k < enough; ++k)
    chosen.push_back(chunks[order[k * (chunks.size() / 2) / enough].second]);
  return chosen;
}

/// The best of several Newton runs on part of the pair, run side by side.
CompressorValues search(Run& run, const Pair& pair, int starts) {
  const ObjectiveOptions options = run.objective_options(1, 400);
  const std::vector<ChunkView> chunks = representative_chunks(cut(pair, options.chunks));
  const CompressorObjective objective(chunks, pair.sample_rate, options);
  run.report("start", 0.08, 0, std::numeric_limits<double>::infinity());
  const std::vector<CompressorValues> points =
      find_starts(objective, chunks, pair.sample_rate, starts, run.threads());
  run.report("start", 0.2, 0, std::numeric_limits<double>::infinity());

  std::vector<Result> results(points.size());
  NewtonOptions newton = run.newton_options();
  newton.decrement_tolerance = 1e-7; // a start for the rest, no more
  parallel_for(points.size(), run.threads(), [&](std::size_t i, std::size_t) {
    results[i] = minimise(objective, CompressorObjective::unconstrained(points[i]), newton);
  });
  for (const Result& r : results) run.evaluations += count(r);
  const auto best = std::min_element(results.begin(), results.end(),
                                     [](const Result& a, const Result& b) { return a.value < b.value; });
  run.report("fit", 0.45, 0, best->value);
  return CompressorObjective::physical(best->x);
}

dsp::ChainSettings compressor_chain(const CompressorValues& values) {
  dsp::ChainSettings chain = dsp::parse_chain("compressor");
  std::copy(values.begin(), values.end(), chain.blocks[0].values.begin());
  return chain;
}

/// Newton on all of the pair, again where the release it finds asks for a longer warm-up than it began with.
Result finish(Run& run, const Pair& pair, CompressorValues& values, std::vector<IterationRecord>& trace) {
  Result result;
  for (int round = 0; round < 3; ++round) {
    const double release_ms = values[3];
    const CompressorObjective objective(pair, run.objective_options(run.threads(), release_ms));
    trace.clear();
    result = fit(run, objective, CompressorObjective::unconstrained(values), 0.6, 0.95, &trace);
    values = CompressorObjective::physical(result.x);
    if (values[3] < 1.25 * release_ms || cut(pair, ChunkOptions{}).size() == pair.dry.size()) break;
  }
  return result;
}

double deepest_gain_reduction_db(const Pair& pair, const CompressorValues& values) {
  const dsp::ChainSettings chain = compressor_chain(values);
  double lowest = 1;
  for (const auto& dry : pair.dry) {
    dsp::Compressor<double> compressor(std::span<const double>(chain.blocks[0].values), pair.sample_rate);
    for (const float x : dry) lowest = std::min(lowest, compressor.gain(static_cast<double>(x)));
  }
  return -dsp::gain_to_db(lowest);
}

double dry_esr(const Pair& pair) {
  double xy = 0, xx = 0, yy = 0;
  for (std::size_t channel = 0; channel < pair.dry.size(); ++channel)
    for (std::size_t n = pair.scored_begin; n < pair.scored_end; ++n) {
      const double x = pair.dry[channel][n], y = pair.wet[channel][n];
      xy += x * y;
      xx += x * x;
      yy += y * y;
    }
  return 1 - xy * xy / (xx * yy);
}

/// The physical slopes of the sigmoids at z turn errors of z into errors of the parameters.
std::vector<ParameterEstimate> estimates(const CompressorObjective& objective, const Vector& z,
                                         const Matrix& hessian, double gain_reduction_db) {
  constexpr double block_seconds = 0.25, least_gain_reduction_db = 0.1;
  const Vector errors = sandwich_errors(hessian, objective.block_gradients(z, block_seconds));
  const CompressorValues values = CompressorObjective::physical(z);
  std::vector<ParameterEstimate> list;
  for (int i = 0; i < 5; ++i) {
    const dsp::Parameter& p = dsp::compressor_parameters[i];
    const double slope = SigmoidRange(p).physical(Jet<double, 1, 1>::variable(z[i], 0)).g[0];
    ParameterEstimate e{p.name, p.label, p.unit, values[i], errors[i] * slope, true, ""};
    const double relative = e.standard_error / values[i];
    if (gain_reduction_db < least_gain_reduction_db && i < 4) {
      e.standard_error = std::numeric_limits<double>::infinity();
      e.note = "the recording shows no gain reduction";
    } else if (!std::isfinite(e.standard_error)) {
      e.note = "the error does not depend on it";
    } else if (SigmoidRange(p).at_end(values[i])) {
      e.note = "the fit ran into the end of its range";
    } else if (p.scale == dsp::Scale::logarithmic ? relative > 0.5 : e.standard_error > 3) {
      e.note = "its standard error is wide";
    }
    e.determined = e.note.empty();
    list.push_back(e);
  }
  return list;
}

} // namespace

Pair aligned_pair(const data::Audio& dry, const data::Audio& wet, const Alignment& alignment) {
  Pair pair;
  pair.sample_rate = dry.sample_rate;
  const double delay = alignment.delay_samples;
  const std::size_t margin = delay == std::round(delay) ? 0 : delay_margin;
  const std::size_t channels = std::max(dry.channels.size(), wet.channels.size());
  for (std::size_t c = 0; c < channels; ++c) {
    pair.dry.push_back(dry.channels[std::min(c, dry.channels.size() - 1)]);
    pair.wet.push_back(
        shifted(wet.channels[std::min(c, wet.channels.size() - 1)], delay, dry.frames(), alignment.inverted));
  }
  const auto frames = static_cast<double>(dry.frames()), wet_frames = static_cast<double>(wet.frames());
  const double begin = std::max(0.0, std::ceil(-delay)),
               end = std::min(frames, std::floor(wet_frames - delay));
  pair.scored_begin = static_cast<std::size_t>(begin) + margin;
  pair.scored_end = static_cast<std::size_t>(
      std::max(end - static_cast<double>(margin), begin + static_cast<double>(margin)));
  return pair;
}

double chain_esr(const Pair& pair, const dsp::ChainSettings& chain, std::size_t threads) {
  std::vector<dsp::EsrAccumulator> parts(pair.dry.size());
  parallel_for(pair.dry.size(), threads, [&](std::size_t channel, std::size_t) {
    dsp::ChainProcessor processor(chain, pair.sample_rate);
    std::vector<float> clone(4096);
    for (std::size_t from = 0; from < pair.scored_end; from += clone.size()) {
      const std::size_t n = std::min(clone.size(), pair.scored_end - from);
      processor.process(std::span(pair.dry[channel]).subspan(from, n), std::span(clone).first(n));
      const std::size_t skip = pair.scored_begin > from ? std::min(n, pair.scored_begin - from) : 0;
      parts[channel].add(std::span<const float>(clone).subspan(skip, n - skip),
                         std::span(pair.wet[channel]).subspan(from + skip, n - skip));
    }
  });
  double error = 0, target = 0;
  for (const auto& part : parts) {
    error += part.error_energy();
    target += part.target_energy();
  }
  return error / target;
}

MatchResult match(const data::Audio& dry, const data::Audio& wet, const MatchOptions& options,
                  const MatchObserver& observer) {
  Run run(options, observer);
  MatchResult result;
  if (dry.sample_rate != wet.sample_rate)
    throw InputError("the recordings have different sample rates (" + std::to_string(dry.sample_rate)
                     + " and " + std::to_string(wet.sample_rate) + " Hz): resample one of them");
  result.warnings = check_recordings(dry, wet);

  run.report("align", 0, 0, std::numeric_limits<double>::infinity());
  result.alignment = align(dry.channels[0], wet.channels[0], dry.sample_rate);
  if (options.delay_samples) result.alignment.delay_samples = *options.delay_samples;
  check_related(result.alignment);
  Pair pair = aligned_pair(dry, wet, result.alignment);
  if (static_cast<double>(pair.scored_end - pair.scored_begin) < shortest_seconds * pair.sample_rate)
    throw InputError("the recordings overlap too little after alignment");

  CompressorValues values = search(run, pair, options.starts);
  // The best delay depends on the model and the model on the delay: in turn, until the delay stands still.
  for (int round = 0; round < 4 && !options.delay_samples && !run.cancelled(); ++round) {
    const double more = remaining_delay(pair, compressor_chain(values));
    Alignment moved = result.alignment;
    moved.delay_samples += more;
    if (std::abs(moved.delay_samples - std::round(moved.delay_samples)) < 2e-3)
      moved.delay_samples = std::round(moved.delay_samples);
    if (std::abs(moved.delay_samples - result.alignment.delay_samples) < 2e-3) break;
    result.alignment = moved;
    pair = aligned_pair(dry, wet, result.alignment);
    const CompressorObjective objective(
        representative_chunks(cut(pair, run.objective_options(1, values[3]).chunks)), pair.sample_rate,
        run.objective_options(run.threads(), values[3]));
    values = CompressorObjective::physical(
        fit(run, objective, CompressorObjective::unconstrained(values), 0.45, 0.6).x);
  }

  const Result fitted = finish(run, pair, values, result.trace);
  result.chain = compressor_chain(values);
  result.stop_reason = run.cancelled() ? StopReason::cancelled : fitted.stop_reason;
  result.converged = !run.cancelled() && (fitted.converged || fitted.stop_reason == StopReason::stagnated);
  result.iterations = fitted.iterations;
  result.esr_before = dry_esr(pair);
  result.esr = chain_esr(pair, result.chain, run.threads());
  result.deepest_gain_reduction_db = deepest_gain_reduction_db(pair, values);
  const CompressorObjective objective(pair, run.objective_options(run.threads(), values[3]));
  result.parameters = estimates(objective, fitted.x, fitted.hessian, result.deepest_gain_reduction_db);

  if (options.held_out && !run.cancelled()) {
    const std::size_t middle = (pair.scored_begin + pair.scored_end) / 2;
    const Pair first = pair.scored_within(0, middle), second = pair.scored_within(middle, pair.scored_end);
    const CompressorObjective half(first, run.objective_options(run.threads(), values[3]));
    const Result half_fit = fit(run, half, fitted.x, 0.95, 0.99);
    const dsp::ChainSettings half_chain = compressor_chain(CompressorObjective::physical(half_fit.x));
    result.held_out =
        HeldOut{chain_esr(first, half_chain, run.threads()), chain_esr(second, half_chain, run.threads())};
  }
  result.evaluations = run.evaluations;
  result.seconds = run.seconds();
  run.report("finish", 1, result.iterations, result.trace.empty() ? result.esr : result.trace.back().esr);
  return result;
}

} // namespace raphson::optim::match
