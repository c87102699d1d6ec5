#include "optim/match/settle_delay.h"

#include "optim/match/chain_fit.h"
#include "optim/match/compressor_fit.h"

#include <cmath>

namespace raphson::optim::match {

void refit(MatchRun& run, const UnalignedPair& pair, dsp::ChainSettings& chain) {
  if (to_string(chain) == "compressor" && run.options().mode == Mode::forward)
    set_compressor_values(chain, refit_compressor(run, pair, compressor_values(chain)));
  else
    chain = refit_chain(run, pair, chain);
}

void settle_delay(MatchRun& run, UnalignedPair& pair, dsp::ChainSettings& chain) {
  constexpr double negligible_samples = 2e-3;
  for (int round = 0; round < 4 && !run.options().delay_samples && !run.cancelled(); ++round) {
    const double before = pair.alignment().delay_samples;
    double delay = before + remaining_delay(pair, chain);
    if (std::abs(delay - std::round(delay)) < negligible_samples) delay = std::round(delay);
    if (std::abs(delay - before) < negligible_samples) break;
    pair.set_delay(delay);
    refit(run, pair, chain);
  }
}

dsp::ChainSettings search_filters(MatchRun& run, UnalignedPair& pair, const dsp::ChainSettings& head,
                                  const dsp::ChainSettings& chain) {
  const double settled = pair.alignment().delay_samples;
  const dsp::ChainSettings found = search_chain(run, pair, chain);
  if (run.options().delay_samples || run.cancelled()) return found;
  const double causal = causal_delay(pair, head);
  if (causal == settled) return found;
  const double error = excerpt_error(run, pair, found);
  pair.set_delay(causal);
  const dsp::ChainSettings other = search_chain(run, pair, chain);
  if (excerpt_error(run, pair, other) < error) return other;
  pair.set_delay(settled);
  return found;
}

} // namespace raphson::optim::match
