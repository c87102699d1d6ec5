// The stages of a match that fit any chain, by Levenberg-Marquardt on its Gauss-Newton matrix.
#pragma once

#include "optim/match/chain_objective.h"
#include "optim/match/match_run.h"

namespace raphson::optim::match {

/// The parameters a match fits: those of the paper's compressor; of dynamics with the features that are on;
/// of the saturation; of the equaliser, whose gain is left to the compressor's make-up where there is one.
std::vector<std::size_t> fitted_parameters(const dsp::ChainSettings& chain);

/// An equaliser off zero, where its bands' frequencies have slopes.
dsp::BlockSettings laid_out_equaliser();

/// The chain fitted on the representative part from where it stands; its equalisers, if any, from the best of
/// a few layouts of their bands.
dsp::ChainSettings search_chain(MatchRun& run, const UnalignedPair& pair, const dsp::ChainSettings& chain);

/// What search_chain() and refit_chain() make small, of the chain as it stands.
double excerpt_error(const MatchRun& run, const UnalignedPair& pair, const dsp::ChainSettings& chain);

dsp::ChainSettings refit_chain(MatchRun& run, const UnalignedPair& pair, const dsp::ChainSettings& chain);

Result finish_chain(MatchRun& run, const Pair& pair, dsp::ChainSettings& chain, bool traced = true);

/// The objective that finish_chain minimises.
ChainObjective whole_objective(const MatchRun& run, const Pair& pair, const dsp::ChainSettings& chain);

} // namespace raphson::optim::match
