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

} // namespace raphson::optim::match
