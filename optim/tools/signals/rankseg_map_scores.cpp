#include "optim/tools/signals/rankseg_map_scores.h"

#include <algorithm>

namespace raphson::optim::tools {

ClassMasks truth_of(const LabelledMap& map, Index classes) {
  if (classes > 1) return masks_of(map.labels, classes);
  ClassMasks truth(1, std::ssize(map.labels));
  std::copy(map.labels.begin(), map.labels.end(), truth.data());
  return truth;
}

std::vector<int> contests_by_probability(const Probabilities& p, const ChosenMasks& chosen) {
  std::vector<int> labels;
  for (Index j = 0; j < p.cols(); ++j) {
    const bool claimed = (chosen.masks.col(j).array() != 0).any();
    int best = -1;
    for (Index c = 0; c < p.rows(); ++c)
      if ((!claimed || chosen.masks(c, j) != 0) && (best < 0 || p(c, j) > p(best, j)))
        best = static_cast<int>(c);
    labels.push_back(best);
  }
  return labels;
}

MapScores score_maps(const PatchNetwork& network, const std::vector<LabelledMap>& maps, Index classes,
                     OverlapMetric metric) {
  const RankSegOptions options{.metric = metric};
  MapScores scores;
  const double share = 1 / static_cast<double>(maps.size());
  for (const LabelledMap& map : maps) {
    const data::RowMatrix p = network.probabilities(map.values);
    const ClassMasks truth = truth_of(map, classes);
    const auto add = [&](double& to, const ClassMasks& masks) {
      to += share * mean_over_classes(masks, truth, metric);
    };
    const ChosenMasks chosen = choose_masks(p, options);
    if (classes == 1) {
      add(scores.plain, above_half(p));
      add(scores.rma, chosen.masks);
      continue;
    }
    add(scores.plain, masks_of(most_probable(p), classes));
    add(scores.rma, masks_of(exclusive_labels(p, chosen, options), classes));
    add(scores.by_probability, masks_of(contests_by_probability(p, chosen), classes));
  }
  return scores;
}

} // namespace raphson::optim::tools
