// Where Newton's method starts: the best points of a coarse grid over threshold, ratio, attack and release,
// each at the make-up that fits it best.
#pragma once

#include "optim/match/compressor_objective.h"

#include <vector>

namespace raphson::optim::match {

/// The `count` best points of the grid, best first, no two neighbours in it. Thresholds lie at levels that
/// the dry recording's peaks reach. Costs some twenty evaluations: the grid's points run side by side in the
/// lanes.
std::vector<CompressorValues> find_starts(const CompressorObjective& objective,
                                          const std::vector<ChunkView>& chunks, double sample_rate,
                                          int count);

} // namespace raphson::optim::match
