// The search of `--model auto`: which chain explains the recordings best, in the open.
//
// Everything is fitted on every other second of an excerpt and judged by the error of the seconds between,
// which that fit has not seen, then the other way round (quarters where the recording is shorter):
//
//   structures  the general compressor in its arrangements, each from where the paper's compressor ended
//   features    of the best two: knee, RMS, memory, smoothing, side-chain, half-wave; one at a time, as long
//               as one pays
//   blocks      saturation and an equaliser around the winner, as long as one pays
//
// A candidate replaces the best so far only where it leaves least_gain less of the unseen error for each
// parameter that it has more. The winner is never a chain that the table does not show.
#pragma once

#include "optim/match/match_run.h"
#include "optim/match/unaligned_pair.h"

#include <string>
#include <vector>

namespace raphson::optim::match {

/// The chain of the winner, fitted on the excerpt; the delay of the pair is settled with it. run.candidates()
/// holds what was tried. Throws InputError in inverse mode.
dsp::ChainSettings search_models(MatchRun& run, UnalignedPair& pair);

} // namespace raphson::optim::match
