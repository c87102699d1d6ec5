#include "optim/match/gru_match.h"

#include "optim/engine/stopwatch.h"

namespace raphson::optim::match {
namespace {

/// The chain with the network that its training on the scored part gives, if one.
dsp::ChainSettings trained(const Pair& pair, const dsp::ChainSettings& chain, const GruFitOptions& options) {
  const GruFit fit = fit_gru(pair, chain, options);
  return fit.weights ? with_network(chain, *fit.weights) : chain;
}

/// As `before` with networks in its chains, each trained where its compressor was fitted.
HeldOut train_halves(Pair& pair, const HeldOut& before, const GruFitOptions& options) {
  const std::size_t middle = (pair.scored_begin + pair.scored_end) / 2;
  const std::size_t bounds[] = {pair.scored_begin, middle, pair.scored_end};
  HeldOut with = before;
  double esr[2][2]; // [trained on][scored on]
  dsp::ChainSettings* const chains[] = {&with.first_chain, &with.second_chain};
  for (std::size_t fitted = 0; fitted < 2; ++fitted) {
    {
      const ScoredWithin half(pair, bounds[fitted], bounds[fitted + 1]);
      *chains[fitted] = trained(pair, *chains[fitted], options);
    }
    for (std::size_t scored = 0; scored < 2; ++scored) {
      const ScoredWithin half(pair, bounds[scored], bounds[scored + 1]);
      esr[fitted][scored] = chain_esr(pair, *chains[fitted], options.threads);
    }
  }
  with.fitted_half_esr = esr[0][0];
  with.other_half_esr = esr[0][1];
  with.second_fitted_half_esr = esr[1][1];
  with.second_other_half_esr = esr[1][0];
  return with;
}

} // namespace

NetworkResult add_network(Pair& pair, MatchResult& result, const GruFitOptions& given) {
  const Stopwatch stopwatch;
  GruFitOptions options = given;
  if (result.held_out) options.seconds /= 2;
  NetworkResult network{.units = given.units, .weights = dsp::GruWeights::count(given.units)};
  network.esr_before = network.esr = result.esr;
  network.held_out_before = result.held_out;

  const GruFit fit = fit_gru(pair, result.chain, options);
  network.iterations = fit.iterations;
  network.best_iteration = fit.best_iteration;
  network.validation_esr_before = fit.validation_esr_before;
  network.validation_esr = fit.validation_esr;
  dsp::ChainSettings chain = result.chain;
  if (fit.weights) {
    chain = with_network(chain, *fit.weights);
    network.esr = chain_esr(pair, chain, options.threads);
  } else {
    network.reason = "no network did better than none on the chunks that it was not trained on";
  }

  bool helps = fit.weights && network.esr < network.esr_before;
  if (fit.weights && !helps) network.reason = "it did worse than none on the whole clip without pre-emphasis";
  if (helps && result.held_out) {
    options.seconds /= 2;
    const HeldOut &before = *result.held_out, with = train_halves(pair, before, options);
    network.held_out = with;
    helps = with.other_half_esr <= before.other_half_esr
            && with.second_other_half_esr <= before.second_other_half_esr;
    if (!helps) network.reason = "on a half that it was not trained on it did worse than none";
  }
  network.kept = helps;
  if (network.kept) {
    result.chain = chain;
    result.esr = network.esr;
    if (network.held_out) result.held_out = network.held_out;
  }
  network.seconds = stopwatch.seconds();
  return network;
}

} // namespace raphson::optim::match
