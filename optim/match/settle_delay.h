// The delay between two recordings, to a fraction of a sample, by a model of what lies between them.
#pragma once

#include "optim/match/match_run.h"
#include "optim/match/unaligned_pair.h"

namespace raphson::optim::match {

/// Refits the chain on an excerpt.
void refit(MatchRun& run, const UnalignedPair& pair, dsp::ChainSettings& chain);

/// The best delay depends on the model and the model on the delay: in turn, until the delay stands still.
void settle_delay(MatchRun& run, UnalignedPair& pair, dsp::ChainSettings& chain);

/// search_chain() for a chain with filters behind `head`, a compressor or nothing. The phase of a filter
/// looks like a part of the delay, and with that part taken off no causal filter may be left to find: the
/// search is made with the delay as it stands and with the whole one that leaves a causal filter, and that of
/// less error stays, with its delay.
dsp::ChainSettings search_filters(MatchRun& run, UnalignedPair& pair, const dsp::ChainSettings& head,
                                  const dsp::ChainSettings& chain);

} // namespace raphson::optim::match
