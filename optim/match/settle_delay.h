// The delay between two recordings, to a fraction of a sample, by a model of what lies between them.
#pragma once

#include "optim/match/match_run.h"
#include "optim/match/unaligned_pair.h"

namespace raphson::optim::match {

/// Refits the chain on an excerpt.
void refit(MatchRun& run, const UnalignedPair& pair, dsp::ChainSettings& chain);

/// The best delay depends on the model and the model on the delay: in turn, until the delay stands still.
void settle_delay(MatchRun& run, UnalignedPair& pair, dsp::ChainSettings& chain);

} // namespace raphson::optim::match
