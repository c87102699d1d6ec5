#include "optim/match/chain_fit.h"

#include <algorithm>
#include <array>
#include <string_view>

namespace raphson::optim::match {
namespace {

struct EqualiserLayout {
  double low_shelf_hz, peak1_hz, peak2_hz, high_shelf_hz;
};
constexpr std::array<EqualiserLayout, 3> layouts{
    {{60, 250, 2500, 8000}, {25, 90, 900, 14000}, {150, 600, 5000, 16000}}};
constexpr double first_gain_db = 0.2; // off zero, where a band's frequency and Q would have no slope

double release_ms(const dsp::ChainSettings& chain) {
  for (const dsp::BlockSettings& block : chain.blocks)
    if (block.type == dsp::BlockType::compressor) return block.values[3];
  return 100; // filters settle within the shortest warm-up
}

void lay_out(dsp::ChainSettings& chain, const EqualiserLayout& layout) {
  std::vector<double> values = chain.values();
  const auto set = [&](const char* name, double value) {
    values[chain.index(std::string("eq.") + name)] = value;
  };
  set("low_shelf_hz", layout.low_shelf_hz);
  set("peak1_hz", layout.peak1_hz);
  set("peak2_hz", layout.peak2_hz);
  set("high_shelf_hz", layout.high_shelf_hz);
  for (const char* gain : {"low_shelf_db", "peak1_db", "peak2_db", "high_shelf_db"}) set(gain, first_gain_db);
  chain.set_values(values);
}

} // namespace

std::vector<std::size_t> fitted_parameters(const dsp::ChainSettings& chain) {
  const bool has_makeup =
      std::any_of(chain.blocks.begin(), chain.blocks.end(),
                  [](const dsp::BlockSettings& block) { return block.type == dsp::BlockType::compressor; });
  std::vector<std::size_t> free;
  std::size_t index = 0;
  for (const dsp::BlockSettings& block : chain.blocks) {
    const auto list = dsp::parameters(block.type);
    for (std::size_t i = 0; i < list.size(); ++i, ++index) {
      const bool fitted = block.type == dsp::BlockType::compressor
                              ? i < compressor_parameters
                              : !has_makeup || std::string_view(list[i].name) != "gain_db";
      if (fitted) free.push_back(index);
    }
  }
  return free;
}

dsp::ChainSettings search_equaliser(MatchRun& run, const UnalignedPair& pair,
                                    const dsp::ChainSettings& chain) {
  LevenbergMarquardtOptions rough = run.levenberg_marquardt_options();
  rough.decrement_tolerance = 1e-4;
  rough.maximum_iterations = 30;
  const ObjectiveOptions options = run.own_objective_options(release_ms(chain));
  const Excerpt excerpt(pair, options.chunks);
  std::vector<ChainObjective> objectives;
  std::vector<Vector> starts;
  for (const EqualiserLayout& layout : layouts) {
    dsp::ChainSettings start = chain;
    lay_out(start, layout);
    objectives.emplace_back(excerpt.chunks(), pair.layout().sample_rate, start, fitted_parameters(chain),
                            run.options().mode, options);
    starts.push_back(objectives.back().unconstrained(start));
  }
  const auto attempts = run.side_by_side(layouts.size(), [&](std::size_t i, const Observer& observer) {
    return minimise(objectives[i], starts[i], rough, observer);
  });
  const MatchRun::Attempt& best = MatchRun::best(attempts);
  run.report("fit", 0.55, 0, best.result.value);
  return objectives[static_cast<std::size_t>(&best - attempts.data())].chain_at(best.result.x);
}

dsp::ChainSettings refit_chain(MatchRun& run, const UnalignedPair& pair, const dsp::ChainSettings& chain) {
  const ObjectiveOptions options = run.objective_options(run.threads(), release_ms(chain));
  const Excerpt excerpt(pair, options.chunks);
  const ChainObjective objective(excerpt.chunks(), pair.layout().sample_rate, chain, fitted_parameters(chain),
                                 run.options().mode, options);
  return objective.chain_at(
      run.fit(objective, objective.unconstrained(chain), run.levenberg_marquardt_options(), 0.55, 0.65).x);
}

ChainObjective whole_objective(const MatchRun& run, const Pair& pair, const dsp::ChainSettings& chain) {
  const ObjectiveOptions options = run.objective_options(run.threads(), release_ms(chain));
  return ChainObjective(cut(pair, options.chunks), pair.sample_rate, chain, fitted_parameters(chain),
                        run.options().mode, options);
}

Result finish_chain(MatchRun& run, const Pair& pair, dsp::ChainSettings& chain, bool traced) {
  const ChainObjective objective = whole_objective(run, pair, chain);
  const Result result = run.fit(objective, objective.unconstrained(chain), run.levenberg_marquardt_options(),
                                0.65, 0.9, traced, [&](const Vector& x) { return objective.chain_at(x); });
  chain = objective.chain_at(result.x);
  return result;
}

} // namespace raphson::optim::match
