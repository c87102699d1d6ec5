#include "optim/tools/signals/rankseg.h"

#include <algorithm>
#include <functional>

namespace raphson::optim::tools {
namespace {

struct Kept {
  double count = 0, sum = 0;
};

/// The pixels above the cut-off, in lanes side by side that a compiler makes vectors of.
Kept above(std::span<const double> p, double cut_off) {
  constexpr std::size_t lanes = 8;
  double counts[lanes] = {}, sums[lanes] = {};
  std::size_t i = 0;
  for (; i + lanes <= p.size(); i += lanes)
    for (std::size_t k = 0; k < lanes; ++k) {
      const double value = p[i + k];
      const bool in = value > cut_off;
      counts[k] += in ? 1.0 : 0.0;
      sums[k] += in ? value : 0.0;
    }
  Kept kept;
  for (; i < p.size(); ++i)
    if (p[i] > cut_off) {
      kept.count += 1;
      kept.sum += p[i];
    }
  for (std::size_t k = 0; k < lanes; ++k) {
    kept.count += counts[k];
    kept.sum += sums[k];
  }
  return kept;
}

bool is_pruned(std::span<const double> p, double prune) {
  return std::none_of(p.begin(), p.end(), [&](double value) { return value > prune && value > 0; });
}

} // namespace

const char* name_of(OverlapMetric metric) { return metric == OverlapMetric::dice ? "Dice" : "IoU"; }

double rma_score(OverlapMetric metric, double kept, double sum, double total) {
  const double below = metric == OverlapMetric::dice ? kept + total + 1 : kept + total - sum;
  if (!(below > 0)) return 0;
  return (metric == OverlapMetric::dice ? 2 * sum : sum) / below;
}

double rma_cut_off(OverlapMetric metric, double score) {
  return metric == OverlapMetric::dice ? score / 2 : score / (1 + score);
}

TopSet best_top_set(std::span<const double> p, OverlapMetric metric, double prune) {
  if (is_pruned(p, prune)) return {.total = above(p, 0).sum};
  const double total = above(p, 0).sum;
  TopSet best{
      .score = rma_score(metric, static_cast<double>(p.size()), total, total), .total = total, .passes = 1};
  for (;;) {
    best.cut_off = rma_cut_off(metric, best.score);
    const Kept kept = above(p, best.cut_off);
    best.count = static_cast<std::size_t>(kept.count);
    ++best.passes;
    const double score = rma_score(metric, kept.count, kept.sum, total);
    if (!(score > best.score)) return best;
    best.score = score;
  }
}

TopSet best_top_set_by_sorting(std::span<const double> p, OverlapMetric metric, double prune) {
  const std::vector<double> order = ranked(p);
  TopSet best;
  for (const double value : order) best.total += value;
  if (order.empty() || order.front() <= prune || best.total <= 0) return best;
  double sum = 0;
  for (std::size_t t = 1; t <= order.size(); ++t) {
    sum += order[t - 1];
    const double score = rma_score(metric, static_cast<double>(t), sum, best.total);
    if (score > best.score) {
      best.score = score;
      best.count = t;
    }
  }
  best.cut_off = rma_cut_off(metric, best.score);
  return best;
}

std::vector<double> ranked(std::span<const double> p) {
  std::vector<double> order(p.begin(), p.end());
  std::sort(order.begin(), order.end(), std::greater<>());
  return order;
}

std::vector<double> rma_curve(std::span<const double> ranked, OverlapMetric metric) {
  double total = 0, sum = 0;
  for (const double value : ranked) total += value;
  std::vector<double> curve;
  curve.reserve(ranked.size());
  for (const double value : ranked) {
    sum += value;
    curve.push_back(rma_score(metric, static_cast<double>(curve.size() + 1), sum, total));
  }
  return curve;
}

} // namespace raphson::optim::tools
