// The stages of a match that fit the paper's compressor.
#pragma once

#include "optim/match/match_run.h"

namespace raphson::optim::match {

dsp::ChainSettings compressor_chain(const CompressorValues& values);

/// The paper's five parameters of the compressor that a chain has.
CompressorValues compressor_values(const dsp::ChainSettings& chain);
void set_compressor_values(dsp::ChainSettings& chain, const CompressorValues& values);

/// The best of several Newton runs, side by side, on the representative part of the pair.
CompressorValues search_compressor(MatchRun& run, const UnalignedPair& pair, int starts);

/// Newton on the representative part from values found before.
CompressorValues refit_compressor(MatchRun& run, const UnalignedPair& pair, const CompressorValues& values);

/// Newton on all of the pair, again where the release it finds asks for a longer warm-up than it began with.
Result finish_compressor(MatchRun& run, const Pair& pair, CompressorValues& values, bool traced = true);

} // namespace raphson::optim::match
