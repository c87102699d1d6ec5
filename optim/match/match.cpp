#include "optim/match/match.h"

#include "dsp/chain/processor.h"
#include "dsp/error.h"
#include "dsp/measure/esr.h"
#include "optim/engine/parallel.h"
#include "optim/match/auto_search.h"
#include "optim/match/chain_fit.h"
#include "optim/match/check_pair.h"
#include "optim/match/compressor_fit.h"
#include "optim/match/filter_rate.h"
#include "optim/match/fitted_range.h"
#include "optim/match/settle_delay.h"
#include "optim/match/standard_errors.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

namespace raphson::optim::match {
namespace {

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

template <class Compressor> double lowest_gain(Compressor compressor, std::span<const float> audio) {
  double lowest = 1;
  for (const float x : audio) lowest = std::min(lowest, compressor.gain(static_cast<double>(x)));
  return lowest;
}

/// How far the fitted compressor turns the recording down at most. 0 without one.
double deepest_gain_reduction_db(const Pair& pair, const dsp::ChainSettings& chain) {
  const dsp::BlockSettings* block = chain.compressor();
  if (block == nullptr) return 0;
  const std::span<const double> values(block->values);
  std::vector<double> lowest(pair.dry.size(), 1.0);
  parallel_for(pair.dry.size(), default_threads(), [&](std::size_t channel, std::size_t) {
    lowest[channel] = block->type == dsp::BlockType::dynamics
                          ? lowest_gain(dsp::Dynamics<double>(block->structure, values, pair.sample_rate),
                                        pair.dry[channel])
                          : lowest_gain(dsp::Compressor<double>(values, pair.sample_rate), pair.dry[channel]);
  });
  return -dsp::gain_to_db(*std::min_element(lowest.begin(), lowest.end()));
}

/// What to say of a parameter that the recordings do not determine; empty where they do.
std::string undetermined_note(const dsp::Parameter& p, double value, double error, bool idle) {
  if (idle) return "the recording shows no gain reduction";
  if (!std::isfinite(error)) return "the error does not depend on it";
  if (fitted_range(p).at_end(value)) return "the fit ran into the end of its range";
  if (p.scale == dsp::Scale::logarithmic ? error > 0.5 * value : error > 3)
    return "its standard error is wide";
  return "";
}

/// The slopes of the sigmoids at z turn errors of z into errors of the parameters.
std::vector<ParameterEstimate> estimates(const dsp::ChainSettings& chain,
                                         const std::vector<std::size_t>& free, const Vector& z,
                                         const Vector& errors, double gain_reduction_db) {
  constexpr double least_gain_reduction_db = 0.1;
  const std::vector<double> values = chain.values();
  std::vector<ParameterEstimate> list;
  for (std::size_t k = 0; k < free.size(); ++k) {
    const dsp::Parameter& p = chain.parameter(free[k]);
    const std::string name = chain.name(free[k]);
    const double slope = fitted_range(p).physical(Jet<double, 1, 1>::variable(z[k], 0)).g[0];
    const bool ballistic =
        name == "threshold_db" || name == "ratio" || name == "attack_ms" || name == "release_ms";
    const bool idle = ballistic && gain_reduction_db < least_gain_reduction_db;
    ParameterEstimate e{name, p.label, p.unit, values[free[k]], errors[k] * slope, true, ""};
    if (idle) e.standard_error = std::numeric_limits<double>::infinity();
    e.note = undetermined_note(p, e.value, e.standard_error, idle);
    e.determined = e.note.empty();
    list.push_back(e);
  }
  return list;
}

/// A fit of the chain on all of the pair, from where `chain` stands; for the report with trace and errors.
struct Finished {
  Result result;
  Vector errors; ///< of the unconstrained parameters
};

Finished finish(MatchRun& run, const Pair& pair, dsp::ChainSettings& chain, bool for_report = true) {
  constexpr double block_seconds = 0.25;
  Finished f;
  if (to_string(chain) == "compressor" && run.options().mode == Mode::forward) {
    CompressorValues values = compressor_values(chain);
    f.result = finish_compressor(run, pair, values, for_report);
    chain = compressor_chain(values);
    if (!for_report) return f;
    const CompressorObjective objective(pair, run.objective_options(run.threads(), values[3]));
    f.errors = sandwich_errors(f.result.hessian, objective.block_gradients(f.result.x, block_seconds));
  } else {
    f.result = finish_chain(run, pair, chain, for_report);
    if (!for_report) return f;
    f.errors = sandwich_errors(f.result.hessian,
                               whole_objective(run, pair, chain).block_gradients(f.result.x, block_seconds));
  }
  return f;
}

/// From the start that the options give, or a search, through the estimate of the delay, to where finish()
/// begins.
dsp::ChainSettings search(MatchRun& run, UnalignedPair& pair) {
  const MatchOptions& options = run.options();
  if (options.model == "auto" && !options.start) return search_models(run, pair);
  dsp::ChainSettings chain = options.start ? *options.start : dsp::parse_chain(options.model);
  move_filters(chain, pair.layout().sample_rate);
  if (options.start) {
    refit(run, pair, chain);
    settle_delay(run, pair, chain);
    return chain;
  }
  if (chain.compressor() != nullptr) {
    dsp::ChainSettings compressor = compressor_chain(search_compressor(run, pair, options.starts));
    settle_delay(run, pair, compressor);
    set_compressor_values(chain, compressor_values(compressor));
    if (to_string(chain) == "compressor") return chain;
    // From here on the delay does not follow the fit: an equaliser's own delay and an alignment that follows
    // it would lead each other astray.
    return search_filters(run, pair, compressor, chain);
  }
  chain = search_filters(run, pair, {}, chain);
  settle_delay(run, pair, chain);
  return chain;
}

/// Fits one half and scores both, the first half and the second.
HeldOut held_out(MatchRun& run, Pair& pair, const dsp::ChainSettings& chain) {
  const std::size_t middle = (pair.scored_begin + pair.scored_end) / 2;
  const std::size_t bounds[] = {pair.scored_begin, middle, pair.scored_end};
  dsp::ChainSettings half_chain[] = {chain, chain};
  for (int fitted = 0; fitted < 2; ++fitted) {
    const ScoredWithin half(pair, bounds[fitted], bounds[fitted + 1]);
    finish(run, pair, half_chain[fitted], false);
  }
  std::array<double, 4> esr{}; // [2 * fitted on + scored on]
  for_own(run.ranks(), esr.size(), run.threads(), [&](std::size_t i) {
    Pair half = pair;
    half.scored_begin = bounds[i % 2];
    half.scored_end = bounds[i % 2 + 1];
    esr[i] = chain_esr(half, half_chain[i / 2], run.threads());
  });
  run.ranks().sum(esr);
  return {esr[0], esr[1], esr[3], esr[2], half_chain[0], half_chain[1]};
}

/// What is said of a fit over all of the pair: three passes, each whole, side by side.
void measure(MatchRun& run, const Pair& pair, MatchResult& result) {
  std::array<double, 3> figures{};
  for_own(run.ranks(), figures.size(), run.threads(), [&](std::size_t i) {
    figures[i] = i == 0   ? chain_esr(pair, result.chain, run.threads())
                 : i == 1 ? deepest_gain_reduction_db(pair, result.chain)
                          : dry_esr(pair);
  });
  run.ranks().sum(figures);
  result.esr = figures[0];
  result.deepest_gain_reduction_db = figures[1];
  result.esr_before = figures[2];
}

} // namespace

double chain_esr(const Pair& pair, const dsp::ChainSettings& chain, std::size_t threads) {
  std::vector<dsp::EsrAccumulator> parts(pair.dry.size());
  parallel_for(pair.dry.size(), threads, [&](std::size_t channel, std::size_t) {
    dsp::ChainProcessor processor(chain, pair.sample_rate);
    std::vector<float> clone(4096);
    for (std::size_t from = 0; from < pair.scored_end; from += clone.size()) {
      const std::size_t n = std::min(clone.size(), pair.scored_end - from);
      processor.process(pair.dry[channel].subspan(from, n), std::span(clone).first(n));
      const std::size_t skip = pair.scored_begin > from ? std::min(n, pair.scored_begin - from) : 0;
      parts[channel].add(std::span<const float>(clone).subspan(skip, n - skip),
                         pair.wet[channel].subspan(from + skip, n - skip));
    }
  });
  double error = 0, target = 0;
  for (const auto& part : parts) {
    error += part.error_energy();
    target += part.target_energy();
  }
  return error / target;
}

MatchResult match(const data::Audio& dry, data::Audio wet, const MatchOptions& options,
                  const MatchObserver& observer) {
  return match_in_place(dry, wet, options, observer);
}

MatchResult match_in_place(const data::Audio& dry, data::Audio& wet, const MatchOptions& options,
                           const MatchObserver& observer) {
  MatchRun run(options, observer);
  MatchResult result;
  result.warnings = check_recordings(dry, wet);

  run.report("align", 0, 0, std::numeric_limits<double>::infinity());
  if (options.resume) {
    result.chain = options.resume->chain;
    move_filters(result.chain, dry.sample_rate); // the state is of these recordings and says no rate
    result.alignment = options.resume->alignment;
  } else {
    UnalignedPair unaligned(dry, wet, align(dry.channels[0], wet.channels[0], dry.sample_rate));
    if (options.delay_samples) unaligned.set_delay(*options.delay_samples);
    check_related(unaligned.alignment());
    check_overlap(unaligned.layout());
    result.chain = search(run, unaligned);
    result.alignment = unaligned.alignment();
  }
  run.begin_to_keep({result.chain, result.alignment});
  Pair pair = align_in_place(dry, wet, result.alignment);
  result.scored_begin = pair.scored_begin;
  result.scored_end = pair.scored_end;
  const Finished fitted = finish(run, pair, result.chain);
  result.stop_reason = run.cancelled() ? StopReason::cancelled : fitted.result.stop_reason;
  result.converged = is_converged(result.stop_reason) || result.stop_reason == StopReason::stagnated;
  result.trace = run.trace();
  result.candidates = run.candidates();
  result.iterations = static_cast<int>(result.trace.size()) - 1;
  measure(run, pair, result);
  result.parameters = estimates(result.chain, fitted_parameters(result.chain), fitted.result.x, fitted.errors,
                                result.deepest_gain_reduction_db);
  if (options.held_out && !run.cancelled()) result.held_out = held_out(run, pair, result.chain);
  result.evaluations = run.evaluations();
  result.seconds = run.seconds();
  run.report("finish", 1, result.iterations, fitted.result.value);
  return result;
}

} // namespace raphson::optim::match
