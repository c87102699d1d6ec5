#include "optim/match/gru_match.h"

#include <chrono>

namespace raphson::optim::match {
namespace {

double wet_energy(const Pair& pair) {
  double sum = 0;
  for (const auto& channel : pair.wet)
    for (std::size_t n = pair.scored_begin; n < pair.scored_end; ++n)
      sum += double(channel[n]) * double(channel[n]);
  return sum;
}

/// The chain with the network that its training on the scored part gives, if one.
dsp::ChainSettings trained(const Pair& pair, const dsp::ChainSettings& chain, const GruFitOptions& options) {
  const GruFit fit = fit_gru(pair, chain, options);
  return fit.weights ? with_network(chain, *fit.weights) : chain;
}

struct Halves {
  HeldOut with;
  double unseen_error_before = 0, unseen_error = 0; ///< energies
};

Halves train_halves(Pair& pair, const HeldOut& before, const GruFitOptions& options) {
  const std::size_t middle = (pair.scored_begin + pair.scored_end) / 2;
  const std::size_t bounds[] = {pair.scored_begin, middle, pair.scored_end};
  Halves halves{before, 0, 0};
  double esr[2][2], energy[2];
  dsp::ChainSettings* const chains[] = {&halves.with.first_chain, &halves.with.second_chain};
  for (std::size_t fitted = 0; fitted < 2; ++fitted) {
    {
      const ScoredWithin half(pair, bounds[fitted], bounds[fitted + 1]);
      *chains[fitted] = trained(pair, *chains[fitted], options);
      energy[fitted] = wet_energy(pair);
    }
    for (std::size_t scored = 0; scored < 2; ++scored) {
      const ScoredWithin half(pair, bounds[scored], bounds[scored + 1]);
      esr[fitted][scored] = chain_esr(pair, *chains[fitted], options.threads);
    }
  }
  halves.with.fitted_half_esr = esr[0][0];
  halves.with.other_half_esr = esr[0][1];
  halves.with.second_fitted_half_esr = esr[1][1];
  halves.with.second_other_half_esr = esr[1][0];
  halves.unseen_error_before = before.other_half_esr * energy[1] + before.second_other_half_esr * energy[0];
  halves.unseen_error = esr[0][1] * energy[1] + esr[1][0] * energy[0];
  return halves;
}

} // namespace

NetworkResult add_network(Pair& pair, MatchResult& result, const GruFitOptions& given) {
  const auto began = std::chrono::steady_clock::now();
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

  bool helps = true;
  if (fit.weights && result.held_out) {
    options.seconds /= 2;
    const Halves halves = train_halves(pair, *result.held_out, options);
    network.held_out = halves.with;
    helps = halves.unseen_error < halves.unseen_error_before;
    if (!helps) network.reason = "on the halves that were not trained on it did worse than none";
  }
  network.kept = fit.weights && helps;
  if (network.kept) {
    result.chain = chain;
    result.esr = network.esr;
    if (network.held_out) result.held_out = network.held_out;
  }
  network.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - began).count();
  return network;
}

} // namespace raphson::optim::match
