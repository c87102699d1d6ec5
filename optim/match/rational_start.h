// Where the fit of a chain's rational block begins: behind the blocks before it, as they are, the best linear
// stage is a problem of its own, which variable projection solves without a start of its own
// (engine/rational_fit.h).
#pragma once

#include "dsp/chain/chain.h"
#include "optim/match/compressor_objective.h"

#include <cstddef>
#include <optional>
#include <vector>

namespace raphson::optim::match {

/// The chain with the first two sections of its rational block so found, on the longest chunk. Nothing where
/// no rational block ends the chain, or the block's ranges do not hold what was found.
std::optional<dsp::ChainSettings> rational_start(const std::vector<ChunkView>& chunks, double sample_rate,
                                                 const dsp::ChainSettings& chain, double pre_emphasis_pole,
                                                 std::size_t threads);

} // namespace raphson::optim::match
