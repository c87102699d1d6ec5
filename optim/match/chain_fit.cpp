#include "optim/match/chain_fit.h"

#include "optim/match/rational_start.h"

#include <algorithm>
#include <array>
#include <string_view>

namespace raphson::optim::match {
namespace {

/// Where filters begin: the bands of equalisers and the sections of a rational stage.
struct FilterLayout {
  double low_shelf_hz, peak1_hz, peak2_hz, high_shelf_hz;
  double section1_hz, section1_q, section2_hz, section2_q;
};
constexpr std::array<FilterLayout, 3> layouts{{{60, 250, 2500, 8000, 60, 0.6, 6000, 0.5},
                                               {25, 90, 900, 14000, 200, 1, 4000, 0.05},
                                               {150, 600, 5000, 16000, 600, 5, 2000, 0.1}}};
// Off zero, where a band's frequency and Q would have no slope.
constexpr double first_gain_db = 0.2, first_share = 0.02;
// A rational stage's third section is a broad band-pass: with it the stage has as many parameters as an
// equaliser.
constexpr double third_hz = 250, third_q = 0.5;
constexpr std::size_t third_section_hz = 9, third_section_band = 11; // among dsp::rational_parameters

bool has(const dsp::ChainSettings& chain, dsp::BlockType type) {
  return std::any_of(chain.blocks.begin(), chain.blocks.end(),
                     [type](const dsp::BlockSettings& block) { return block.type == type; });
}

void lay_out(dsp::ChainSettings& chain, const FilterLayout& layout) {
  for (dsp::BlockSettings& block : chain.blocks) {
    if (block.type == dsp::BlockType::rational)
      std::copy_n(std::array{layout.section1_hz, layout.section1_q, first_share, first_share,
                             layout.section2_hz, layout.section2_q, first_share, first_share, third_hz,
                             third_q, first_share}
                      .begin(),
                  third_section_band, block.values.begin() + 1);
    if (block.type != dsp::BlockType::equaliser) continue;
    block.values[0] = layout.low_shelf_hz;
    block.values[2] = layout.peak1_hz;
    block.values[5] = layout.peak2_hz;
    block.values[8] = layout.high_shelf_hz;
    for (const std::size_t gain : {1, 3, 6, 9}) block.values[gain] = first_gain_db;
  }
}

/// Of the compressor the paper's five; of dynamics those five and what its features, where they are on, have.
bool is_fitted(const dsp::BlockSettings& block, std::size_t parameter, bool chain_has_makeup) {
  switch (block.type) {
  case dsp::BlockType::compressor:
    return parameter < compressor_parameters;
  case dsp::BlockType::dynamics:
    for (const dsp::DynamicsFeature& f : dsp::dynamics_features)
      if (parameter >= f.first && parameter < f.first + f.count) return is_on(f, block.values);
    return parameter < 14; // not the look-ahead, which is whole samples
  case dsp::BlockType::saturation:
    return true;
  case dsp::BlockType::gru_makeup:
    return false;
  case dsp::BlockType::rational: // two of its sections whole, of the third the frequency and the band-pass
    return parameter < 1 + 2 * 4 || parameter == third_section_hz || parameter == third_section_band;
  case dsp::BlockType::equaliser:
    break;
  }
  return !chain_has_makeup || std::string_view(dsp::equaliser_parameters[parameter].name) != "gain_db";
}

} // namespace

dsp::BlockSettings laid_out_equaliser() {
  dsp::ChainSettings chain = dsp::parse_chain("eq");
  lay_out(chain, layouts[0]);
  return chain.blocks[0];
}

std::vector<std::size_t> fitted_parameters(const dsp::ChainSettings& chain) {
  std::vector<std::size_t> free;
  std::size_t index = 0;
  const bool has_rational = has(chain, dsp::BlockType::rational);
  // A rational stage's gains may have any sign: where nothing but filters lies between, its scale is the one
  // that is fitted, and the make-up stays.
  const bool holds_makeup = has_rational && !has(chain, dsp::BlockType::saturation);
  bool has_gain = chain.compressor() != nullptr || has_rational;
  for (const dsp::BlockSettings& block : chain.blocks) {
    const auto names = dsp::parameters(block.type);
    for (std::size_t i = 0; i < block.values.size(); ++i, ++index) {
      const bool is_held = holds_makeup && std::string_view(names[i].name) == "makeup_db";
      if (!is_held && is_fitted(block, i, has_gain)) free.push_back(index);
    }
    has_gain |= block.type == dsp::BlockType::equaliser; // of two, one has the gain
  }
  return free;
}

dsp::ChainSettings search_chain(MatchRun& run, const UnalignedPair& pair, const dsp::ChainSettings& chain) {
  if (!has(chain, dsp::BlockType::equaliser) && !has(chain, dsp::BlockType::rational))
    return refit_chain(run, pair, chain);
  LevenbergMarquardtOptions rough = run.levenberg_marquardt_options();
  rough.decrement_tolerance = 1e-4;
  rough.maximum_iterations = 30;
  const ObjectiveOptions options = run.own_objective_options(release_ms(chain));
  const Excerpt excerpt(pair, options.chunks);
  std::vector<ChainObjective> objectives;
  std::vector<Vector> starts;
  std::vector<dsp::ChainSettings> begins;
  for (const FilterLayout& layout : layouts) lay_out(begins.emplace_back(chain), layout);
  if (const auto found = rational_start(excerpt.chunks(), pair.layout().sample_rate, begins[0],
                                        options.pre_emphasis_pole, run.threads()))
    begins.push_back(*found);
  for (const dsp::ChainSettings& start : begins) {
    objectives.emplace_back(excerpt.chunks(), pair.layout().sample_rate, start, fitted_parameters(chain),
                            run.options().mode, options);
    starts.push_back(objectives.back().unconstrained(start));
  }
  const auto attempts = run.side_by_side(begins.size(), [&](std::size_t i, const Observer& observer) {
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

double excerpt_error(const MatchRun& run, const UnalignedPair& pair, const dsp::ChainSettings& chain) {
  const ObjectiveOptions options = run.objective_options(run.threads(), release_ms(chain));
  const Excerpt excerpt(pair, options.chunks);
  const ChainObjective objective(excerpt.chunks(), pair.layout().sample_rate, chain, fitted_parameters(chain),
                                 run.options().mode, options);
  return objective.value(objective.unconstrained(chain));
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
