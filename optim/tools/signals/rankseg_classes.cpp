#include "optim/tools/signals/rankseg_classes.h"

#include <algorithm>
#include <limits>
#include <span>

namespace raphson::optim::tools {
namespace {

using Eigen::Index;

/// How many classes chose each pixel.
std::vector<int> claims_on(const ClassMasks& masks) {
  std::vector<int> claims(static_cast<std::size_t>(masks.cols()), 0);
  for (Index c = 0; c < masks.rows(); ++c)
    for (Index j = 0; j < masks.cols(); ++j) claims[static_cast<std::size_t>(j)] += masks(c, j);
  return claims;
}

std::vector<SafePixels> safe_pixels(const Probabilities& p, const ChosenMasks& chosen,
                                    const std::vector<int>& claims) {
  std::vector<SafePixels> safe;
  for (Index c = 0; c < p.rows(); ++c) {
    SafePixels of{.total = chosen.sets[static_cast<std::size_t>(c)].total};
    for (Index j = 0; j < p.cols(); ++j)
      if (chosen.masks(c, j) != 0 && claims[static_cast<std::size_t>(j)] == 1) {
        of.count += 1;
        of.sum += p(c, j);
      }
    safe.push_back(of);
  }
  return safe;
}

/// The class among those that `may` take the pixel which gains most; none: -1.
template <class May>
int gains_most(const Probabilities& p, const std::vector<SafePixels>& safe, Index pixel, OverlapMetric metric,
               const May& may) {
  int best = -1;
  double most = -std::numeric_limits<double>::infinity();
  for (Index c = 0; c < p.rows(); ++c) {
    if (!may(c)) continue;
    const double gain = gain_of(metric, safe[static_cast<std::size_t>(c)], p(c, pixel));
    if (gain > most) {
      most = gain;
      best = static_cast<int>(c);
    }
  }
  return best;
}

} // namespace

std::span<const double> row_of(const Probabilities& p, Index c) {
  return {p.data() + c * p.outerStride(), static_cast<std::size_t>(p.cols())};
}

ChosenMasks choose_masks(const Probabilities& p, const RankSegOptions& options) {
  ChosenMasks chosen{{}, ClassMasks::Zero(p.rows(), p.cols())};
  for (Index c = 0; c < p.rows(); ++c) {
    chosen.sets.push_back(best_top_set(row_of(p, c), options.metric, options.prune));
    const TopSet& set = chosen.sets.back();
    if (set.count == 0) continue;
    for (Index j = 0; j < p.cols(); ++j) chosen.masks(c, j) = p(c, j) > set.cut_off ? 1 : 0;
  }
  return chosen;
}

double gain_of(OverlapMetric metric, const SafePixels& safe, double p) {
  const auto fraction = [](double above, double below) { return below > 0 ? above / below : 0; };
  const double n = safe.count, s = safe.sum, mu = safe.total;
  if (metric == OverlapMetric::dice) return 2 * ((s + p) / (n + mu + 2) - s / (n + mu + 1));
  return fraction(s + p, n + mu - s - p + 1) - fraction(s, n + mu - s);
}

std::vector<int> exclusive_labels(const Probabilities& p, const ChosenMasks& chosen,
                                  const RankSegOptions& options) {
  std::vector<int> labels(static_cast<std::size_t>(p.cols()));
  if (p.rows() == 2) {
    for (Index j = 0; j < p.cols(); ++j) labels[static_cast<std::size_t>(j)] = chosen.masks(1, j);
    return labels;
  }
  const std::vector<int> claims = claims_on(chosen.masks);
  const std::vector<SafePixels> safe = safe_pixels(p, chosen, claims);
  const auto active = [&](Index c) { return chosen.sets[static_cast<std::size_t>(c)].count > 0; };
  bool any_active = false;
  for (Index c = 0; c < p.rows(); ++c) any_active = any_active || active(c);
  for (Index j = 0; j < p.cols(); ++j) {
    int& label = labels[static_cast<std::size_t>(j)];
    if (claims[static_cast<std::size_t>(j)] > 0) // a single one has no rival
      label = gains_most(p, safe, j, options.metric, [&](Index c) { return chosen.masks(c, j) != 0; });
    else if (options.unclaimed == Unclaimed::score)
      label = gains_most(p, safe, j, options.metric, [&](Index c) { return !any_active || active(c); });
    else
      label = options.unclaimed == Unclaimed::zero ? 0 : no_label;
  }
  return labels;
}

std::vector<int> most_probable(const Probabilities& p) {
  std::vector<int> labels;
  for (Index j = 0; j < p.cols(); ++j) {
    Index best = 0;
    p.col(j).maxCoeff(&best);
    labels.push_back(static_cast<int>(best));
  }
  return labels;
}

ClassMasks above_half(const Probabilities& p) { return (p.array() > 0.5).cast<std::uint8_t>().matrix(); }

ClassMasks masks_of(const std::vector<int>& labels, Index classes) {
  ClassMasks masks = ClassMasks::Zero(classes, std::ssize(labels));
  for (Index j = 0; j < masks.cols(); ++j) {
    const int label = labels[static_cast<std::size_t>(j)];
    if (label >= 0 && label < classes) masks(label, j) = 1;
  }
  return masks;
}

double Achieved::score(OverlapMetric metric) const {
  const double below = metric == OverlapMetric::dice ? chosen + truth : chosen + truth - both;
  return below > 0 ? (metric == OverlapMetric::dice ? 2 * both : both) / below : 0;
}

Achieved compare(const std::uint8_t* mask, const std::uint8_t* truth, Index pixels) {
  Achieved a;
  for (Index j = 0; j < pixels; ++j) {
    if (truth[j] == ignored) continue;
    a.chosen += mask[j];
    a.truth += truth[j];
    a.both += mask[j] & truth[j];
  }
  return a;
}

double mean_over_classes(const ClassMasks& masks, const ClassMasks& truth, OverlapMetric metric) {
  double sum = 0, present = 0;
  for (Index c = 0; c < masks.rows(); ++c) {
    const Achieved a = compare(masks.row(c).data(), truth.row(c).data(), masks.cols());
    if (a.truth == 0) continue;
    sum += a.score(metric);
    present += 1;
  }
  return present > 0 ? sum / present : std::numeric_limits<double>::quiet_NaN();
}

} // namespace raphson::optim::tools
