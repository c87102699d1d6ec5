// What masks reach on labelled maps by a network's probabilities: by RankSEG-RMA and by the rules that it is
// compared with.
#pragma once

#include "optim/tools/signals/patch_network.h"
#include "optim/tools/signals/rankseg_classes.h"

#include <vector>

namespace raphson::optim::tools {

/// Achieved overlap, means of the maps.
struct MapScores {
  double plain = 0;          ///< p > 0.5 of one class, argmax of several
  double rma = 0;            ///< RankSEG-RMA
  double by_probability = 0; ///< its masks, but contested pixels to the most probable class
};

ClassMasks truth_of(const LabelledMap& map, Index classes);

/// Masks by RMA, contested and unclaimed pixels to the most probable of the classes that may have them.
std::vector<int> contests_by_probability(const Probabilities& p, const ChosenMasks& chosen);

MapScores score_maps(const PatchNetwork& network, const std::vector<LabelledMap>& maps, Index classes,
                     OverlapMetric metric);

} // namespace raphson::optim::tools
