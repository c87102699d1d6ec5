#include "optim/match/auto_search.h"

#include "dsp/error.h"
#include "optim/engine/parallel.h"
#include "optim/match/chain_fit.h"
#include "optim/match/compressor_fit.h"
#include "optim/match/settle_delay.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <set>

namespace raphson::optim::match {
namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();
constexpr std::size_t most_finalists = 3; ///< of a stage
constexpr double hopeful = 1.2;           ///< times the best unseen error so far, after the first steps
constexpr double longest_stripe_seconds = 1;
constexpr double least_gain = 0.02;              ///< of the unseen error, for each further parameter
constexpr double explained = 2e-5;               ///< of the energy: no feature is looked for below
constexpr double explained_by_compressor = 2e-4; ///< and no block beside the compressor
constexpr std::size_t kept = 2;                  ///< structures that features are tried on

struct Fit {
  AutoCandidate row;
  dsp::ChainSettings chain;
};

/// Whether a beats b by enough to be worth its parameters.
bool pays(const Fit& a, const Fit& b) {
  const double more = static_cast<double>(a.row.parameters) - static_cast<double>(b.row.parameters);
  return a.row.held_out_error < b.row.held_out_error * (1 - least_gain * more);
}

/// What a candidate is fitted on and scored by, one for all of them.
class Trial {
public:
  Trial(MatchRun& run, const UnalignedPair& pair)
      : run_(run), rate_(pair.layout().sample_rate), options_(search_options(run, pair)),
        excerpt_(pair, options_.chunks) {}

  /// Adds the chains to the table, fitted from where they stand, side by side; returns the best, best first.
  /// All take a few steps on the even stripes; those that then come near best_so_far go on to a
  /// cross-validation. Chains of a kind that was tried before are left out, unless there is no best yet
  /// (infinity).
  std::vector<Fit> fit(const char* stage, std::vector<dsp::ChainSettings> chains, double best_so_far) {
    if (best_so_far < infinity)
      std::erase_if(chains, [&](const dsp::ChainSettings& c) { return tried_.contains(to_string(c)); });
    for (const dsp::ChainSettings& c : chains) tried_.insert(to_string(c));
    std::vector<Fit> fits(chains.size());
    const auto side_by_side = [&](std::size_t count, auto work) {
      parallel_for(count, run_.threads(), [&](std::size_t i, std::size_t) {
        try {
          fits[i] = work(i);
        } catch (const InputError&) { // a feedback that is unstable where it starts has no finite slope
          fits[i] = {{stage, to_string(chains[i]), 0, infinity, infinity, 0, "unstable"}, chains[i]};
        }
      });
    };
    std::size_t finalists = chains.size();
    if (finalists > 1) {
      side_by_side(chains.size(), [&](std::size_t i) { return screen(stage, chains[i]); });
      sort(fits);
      finalists = static_cast<std::size_t>(std::count_if(fits.begin(), fits.end(), [&](const Fit& f) {
        return f.row.held_out_error < hopeful * best_so_far;
      }));
      finalists = std::min(finalists, most_finalists);
      for (std::size_t i = finalists; i < fits.size(); ++i) run_.candidates().push_back(fits[i].row);
      fits.resize(finalists);
      for (std::size_t i = 0; i < finalists; ++i) chains[i] = fits[i].chain;
    }
    side_by_side(finalists, [&](std::size_t i) { return cross_validate(stage, chains[i]); });
    sort(fits);
    for (const Fit& f : fits) run_.candidates().push_back(f.row);
    fraction_ += 0.5 * (0.6 - fraction_);
    run_.report("search", fraction_, 0, fits.empty() ? best_so_far : fits[0].row.held_out_error);
    return fits;
  }

private:
  /// An excerpt of some ten seconds, whole where the recording is no longer.
  static ObjectiveOptions search_options(MatchRun& run, const UnalignedPair& pair) {
    constexpr double enough_seconds = 8, chunk_seconds = 2.5, warm_up_seconds = 0.5;
    ObjectiveOptions o = run.own_objective_options(1);
    if (pair.layout().seconds() * static_cast<double>(pair.layout().dry.size()) > enough_seconds)
      o.chunks = {chunk_seconds, warm_up_seconds};
    return o;
  }

  static void sort(std::vector<Fit>& fits) {
    std::stable_sort(fits.begin(), fits.end(),
                     [](const Fit& a, const Fit& b) { return a.row.held_out_error < b.row.held_out_error; });
  }

  /// A few steps on the even stripes, scored on the odd ones.
  Fit screen(const char* stage, const dsp::ChainSettings& chain) {
    constexpr int few = 8;
    const double began = run_.seconds();
    const ChainObjective even = objective(chain, false);
    const Result result = minimise(even, chain, few);
    return fit_of(stage, even, result.x, result.value, objective(chain, true).value(result.x), began);
  }

  /// Fits the even stripes and scores the odd ones, then, from there, the other way round.
  Fit cross_validate(const char* stage, const dsp::ChainSettings& chain) {
    constexpr int enough = 25;
    const double began = run_.seconds();
    const ChainObjective stripes[] = {objective(chain, false), objective(chain, true)};
    dsp::ChainSettings fitted = chain;
    double fitted_error = 0, unseen = 0, energy = 0;
    Result result;
    for (int fold = 0; fold < 2; ++fold) {
      const ChainObjective &train = stripes[fold], &other = stripes[1 - fold];
      result = minimise(train, fitted, enough);
      fitted = train.chain_at(result.x);
      fitted_error += result.value * train.target_energy();
      unseen += other.value(result.x) * other.target_energy();
      energy += train.target_energy();
    }
    return fit_of(stage, stripes[1], result.x, fitted_error / energy, unseen / energy, began);
  }

  Fit fit_of(const char* stage, const ChainObjective& objective, const Vector& z, double fitted,
             double unseen, double began) const {
    const dsp::ChainSettings chain = objective.chain_at(z);
    if (!std::isfinite(unseen)) unseen = infinity; // so that it can be sorted
    return {{stage, to_string(chain), objective.free().size(), fitted, unseen, run_.seconds() - began, ""},
            chain};
  }

  Result minimise(const ChainObjective& objective, const dsp::ChainSettings& start, int iterations) {
    LevenbergMarquardtOptions rough = run_.levenberg_marquardt_options();
    rough.decrement_tolerance = 1e-3;
    rough.maximum_iterations = iterations;
    rough.maximum_rejections = 8;
    const Observer unless_cancelled = [this](const Step&) {
      return run_.cancelled() ? Control::cancel : Control::proceed;
    };
    const Result result = optim::minimise(objective, objective.unconstrained(start), rough, unless_cancelled);
    run_.count(result);
    return result;
  }

  ChainObjective objective(const dsp::ChainSettings& chain, bool unseen) const {
    std::vector<ChunkView> chunks = excerpt_.chunks();
    for (ChunkView& chunk : chunks) {
      // Two of either kind at least, however short the recording is.
      chunk.stripe = std::clamp<std::size_t>((chunk.count - chunk.first_scored) / 4, 1,
                                             static_cast<std::size_t>(longest_stripe_seconds * rate_));
      chunk.odd = unseen;
    }
    return ChainObjective(std::move(chunks), rate_, chain, fitted_parameters(chain), Mode::forward, options_);
  }

  MatchRun& run_;
  double rate_;
  ObjectiveOptions options_;
  Excerpt excerpt_;
  double fraction_ = 0.3; ///< of the whole match, for the bar
  std::set<std::string> tried_;
};

/// The arrangements, each from what the paper's compressor found.
std::vector<dsp::ChainSettings> structures(const CompressorValues& compressor) {
  std::vector<dsp::ChainSettings> chains;
  for (const char* options :
       {"gain", "gain-db", "level", "power", "level-db", "gain-db,branching", "gain-db,decoupled",
        "gain-db,smooth-decoupled", "gain-db,feedback", "level,feedback", "power,feedback"}) {
    dsp::ChainSettings chain = dsp::parse_chain("dynamics[" + std::string(options) + ",knee]");
    set_compressor_values(chain, compressor);
    chains.push_back(chain);
    if (chain.blocks[0].structure.ballistics == dsp::Ballistics::smooth_branching) continue;
    // Where release follows peaks of the waveform itself, times mean something else.
    double &attack_ms = chain.blocks[0].values[3], &release_ms = chain.blocks[0].values[4];
    attack_ms = std::max(0.3 * attack_ms, 2 * dsp::dynamics_parameters[3].minimum);
    release_ms = std::min(3 * release_ms, 0.5 * dsp::dynamics_parameters[4].maximum);
    chains.push_back(chain);
  }
  return chains;
}

/// The chain with one feature more, or without the one it has, for each there is.
std::vector<dsp::ChainSettings> with_features(const dsp::ChainSettings& chain) {
  std::vector<dsp::ChainSettings> chains;
  const dsp::BlockSettings& block = *chain.compressor();
  for (const dsp::DynamicsFeature& feature : dsp::dynamics_features) {
    if (feature.word == "hold") continue; // its loss goes up and down by the sample: no slope leads there
    dsp::ChainSettings other = chain;
    double& value = other.compressor()->values[feature.switched];
    value = is_on(feature, block.values) ? 0 : feature.on;
    chains.push_back(std::move(other));
  }
  dsp::ChainSettings half_wave = chain;
  half_wave.compressor()->structure.rectifier = dsp::Rectifier::half_wave;
  if (!(half_wave.compressor()->structure == block.structure)) chains.push_back(std::move(half_wave));
  return chains;
}

/// The chain with a block more, for each that it may have.
std::vector<dsp::ChainSettings> with_blocks(const dsp::ChainSettings& chain) {
  std::vector<dsp::ChainSettings> chains;
  const auto add = [&](dsp::BlockSettings block, bool behind) {
    dsp::ChainSettings other = chain;
    other.blocks.insert(behind ? other.blocks.end() : other.blocks.begin(), std::move(block));
    if (chain_fault(other).empty()) chains.push_back(std::move(other));
  };
  const auto has = [&](dsp::BlockType type) {
    return std::any_of(chain.blocks.begin(), chain.blocks.end(),
                       [&](const dsp::BlockSettings& block) { return block.type == type; });
  };
  if (!has(dsp::BlockType::saturation)) add(dsp::parse_chain("saturation").blocks[0], true);
  if (!has(dsp::BlockType::equaliser))
    for (const bool behind : {true, false}) add(laid_out_equaliser(), behind);
  return chains;
}

} // namespace

dsp::ChainSettings search_models(MatchRun& run, UnalignedPair& pair) {
  if (run.options().mode == Mode::inverse)
    throw InputError("inverse mode divides by a gain, which only the model 'compressor' has, not 'auto'");
  dsp::ChainSettings paper = compressor_chain(search_compressor(run, pair, run.options().starts));
  settle_delay(run, pair, paper);

  std::vector<Fit> leaders;
  {
    Trial trial(run, pair);
    leaders = trial.fit("structure", structures(compressor_values(paper)), infinity);
    if (!leaders.empty()) settle_delay(run, pair, leaders[0].chain); // none: all are unstable from there
  }
  Trial trial(run, pair); // on the recording as the delay now aligns it
  Fit best = trial.fit("paper", {paper}, infinity)[0];
  std::vector<dsp::ChainSettings> from;
  for (const Fit& f : leaders) // of a kind that is there twice, from two starts, the better one
    if (from.size() < kept && (from.empty() || to_string(from[0]) != to_string(f.chain)))
      from.push_back(f.chain);
  for (const Fit& f : trial.fit("aligned", from, infinity)) {
    if (pays(f, best)) best = f;
  }
  const auto improve = [&](const char* stage, auto more, double enough) {
    while (best.row.held_out_error > enough && !run.cancelled()) {
      std::vector<dsp::ChainSettings> chains;
      for (const dsp::ChainSettings& chain : from)
        for (dsp::ChainSettings& other : more(chain)) chains.push_back(std::move(other));
      const std::vector<Fit> found = trial.fit(stage, std::move(chains), best.row.held_out_error);
      const Fit before = best;
      for (const Fit& f : found)
        if (pays(f, best)) best = f;
      if (best.row.model == before.row.model) return;
      from = {best.chain};
    }
  };
  improve("feature", with_features, explained);
  from = {best.chain};
  improve("block", with_blocks, explained_by_compressor);
  for (AutoCandidate& c : run.candidates())
    if (c.model == best.row.model && c.held_out_error == best.row.held_out_error)
      c.verdict = "chosen";
    else if (c.verdict.empty() && c.held_out_error < best.row.held_out_error)
      c.verdict = c.parameters > best.row.parameters
                      ? std::to_string(c.parameters - best.row.parameters) + " parameters more do not pay"
                      : "seen by one fold alone"; // screened, or before the delay was settled
  run.report("fit", 0.65, 0, best.row.held_out_error);
  return best.chain;
}

} // namespace raphson::optim::match
