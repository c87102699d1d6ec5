#include "optim/match/compressor_fit.h"

#include "optim/engine/first_order.h"
#include "optim/match/starts.h"

#include <algorithm>
#include <limits>

namespace raphson::optim::match {

constexpr double unknown_release_ms = 400;
constexpr std::size_t enough_for_single_precision =
    32; // chunks: a register of floats for each of two threads

dsp::ChainSettings compressor_chain(const CompressorValues& values) {
  dsp::ChainSettings chain = dsp::parse_chain("compressor");
  std::copy(values.begin(), values.end(), chain.blocks[0].values.begin());
  return chain;
}

namespace {

/// The paper's parameters of a block that compresses, in its values.
constexpr std::array<std::size_t, compressor_parameters> in_compressor{0, 1, 2, 3, 4},
    in_dynamics{0, 1, 3, 4, 5};

const auto& positions(const dsp::BlockSettings& block) {
  return block.type == dsp::BlockType::dynamics ? in_dynamics : in_compressor;
}

} // namespace

CompressorValues compressor_values(const dsp::ChainSettings& chain) {
  CompressorValues values{};
  if (const dsp::BlockSettings* block = chain.compressor())
    for (std::size_t i = 0; i < values.size(); ++i) values[i] = block->values[positions(*block)[i]];
  return values;
}

void set_compressor_values(dsp::ChainSettings& chain, const CompressorValues& values) {
  if (dsp::BlockSettings* block = chain.compressor())
    for (std::size_t i = 0; i < values.size(); ++i) block->values[positions(*block)[i]] = values[i];
}

namespace {

/// Newton's method, or the first-order rule that was asked for in its place.
struct Solver {
  NewtonOptions newton;
  std::optional<FirstOrderOptions> first_order;
};

Solver solver(const MatchRun& run, const NewtonOptions& newton) {
  const MatchOptions& o = run.options();
  if (o.solver == "newton") return {newton, {}};
  RuleSettings rule = rule_named(o.solver);
  double rate = 0.05;
  if (auto* m_fac = std::get_if<MFacSettings>(&rule)) {
    m_fac->lambda = 1e-4; // compared with squared gradients of an ESR
    rate = 1e-3;          // in units of the loss
  }
  return {newton, FirstOrderOptions{.rule = with_learning_rate(rule, o.learning_rate.value_or(rate)),
                                    .maximum_iterations = 20 * o.maximum_iterations,
                                    .gradient_tolerance = 1e-7}};
}

/// A first-order rule has no Hessian of its own, which the standard errors need: one is computed at its end.
Result minimise(const CompressorObjective& objective, const Vector& start, const Solver& solver,
                const Observer& observer) {
  if (!solver.first_order) return minimise(objective, start, solver.newton, observer);
  Result result = minimise(objective, start, *solver.first_order, observer);
  objective.value_gradient_and_hessian(result.x, result.gradient, result.hessian);
  return result;
}

} // namespace

CompressorValues search_compressor(MatchRun& run, const UnalignedPair& pair, int starts) {
  const ObjectiveOptions options = run.own_objective_options(unknown_release_ms);
  const Excerpt excerpt(pair, options.chunks);
  const double sample_rate = pair.layout().sample_rate;
  const CompressorObjective objective(excerpt.chunks(), sample_rate, options);
  const CompressorObjective screen(excerpt.chunks(), sample_rate,
                                   run.objective_options(run.threads(), unknown_release_ms));
  run.report("start", 0.05, 0, std::numeric_limits<double>::infinity());
  const std::vector<CompressorValues> points = find_starts(screen, excerpt.chunks(), sample_rate, starts);
  run.report("start", 0.15, 0, std::numeric_limits<double>::infinity());

  NewtonOptions newton = run.newton_options();
  newton.decrement_tolerance = 1e-7; // a start for the rest, no more
  const auto attempts = run.side_by_side(points.size(), [&](std::size_t i, const Observer& observer) {
    return minimise(objective, CompressorObjective::unconstrained(points[i]), solver(run, newton), observer);
  });
  const Result& best = MatchRun::best(attempts).result;
  run.report("fit", 0.35, 0, best.value);
  return CompressorObjective::physical(best.x);
}

CompressorValues refit_compressor(MatchRun& run, const UnalignedPair& pair, const CompressorValues& values) {
  const ObjectiveOptions options = run.objective_options(run.threads(), values[3]);
  const Excerpt excerpt(pair, options.chunks);
  const CompressorObjective objective(excerpt.chunks(), pair.layout().sample_rate, options);
  return CompressorObjective::physical(run.fit(objective, CompressorObjective::unconstrained(values),
                                               solver(run, run.newton_options()), 0.35, 0.5)
                                           .x);
}

Result finish_compressor(MatchRun& run, const Pair& pair, CompressorValues& values, bool traced) {
  Result result;
  const MatchRun::ChainAt chain_at = [](const Vector& x) {
    return compressor_chain(CompressorObjective::physical(x));
  };
  for (int round = 0; round < 3; ++round) {
    const double release_ms = values[3];
    const ObjectiveOptions options = run.objective_options(run.threads(), release_ms);
    const std::vector<ChunkView> chunks = cut(pair, options.chunks);
    const CompressorObjective objective(chunks, pair.sample_rate, options);
    if (chunks.size() >= enough_for_single_precision) {
      ObjectiveOptions single = options;
      single.single_precision = true;
      NewtonOptions rough = run.newton_options();
      rough.decrement_tolerance = rough.value_noise = 1e-6;
      const CompressorObjective fast(chunks, pair.sample_rate, single);
      values = CompressorObjective::physical(run.fit(fast, CompressorObjective::unconstrained(values),
                                                     solver(run, rough), 0.5, 0.7, traced, chain_at)
                                                 .x);
    }
    result = run.fit(objective, CompressorObjective::unconstrained(values), solver(run, run.newton_options()),
                     0.7, 0.9, traced, chain_at);
    values = CompressorObjective::physical(result.x);
    const bool one_chunk = chunks.size() == pair.dry.size();
    if (one_chunk || values[3] < 1.25 * release_ms) break;
  }
  return result;
}

} // namespace raphson::optim::match
