#include "optim/tools/signals/rankseg_exact.h"

#include "optim/engine/gauss_legendre.h"

#include <algorithm>
#include <cmath>

namespace raphson::optim::tools {
namespace {

/// Products smaller than this count as 0: what they add is below it times d, and arithmetic on numbers near
/// the smallest is slow.
constexpr double negligible = 1e-290;

/// Adds 2 w u^t A(t) prod_i (1 - p_i c) for all t; u is the node, c = 1 - u.
void add_dice_node(std::span<const double> p, double u, double c, double weight, std::vector<double>& curve) {
  double product = 2 * weight;
  for (const double value : p) {
    product *= 1 - value * c;
    if (product < negligible) return;
  }
  double ratios = 0; // A(t)
  for (std::size_t t = 0; t < p.size() && product >= negligible; ++t) {
    product *= u;
    ratios += p[t] / (1 - p[t] * c);
    curve[t] += product * ratios;
  }
}

/// Adds w u^(t-1) prod_{i>t} (1 - p_i c) for all t. `suffix` has room for d products.
void add_iou_node(std::span<const double> p, double u, double c, double weight, std::vector<double>& suffix,
                  std::vector<double>& curve) {
  double product = weight;
  std::size_t begin = p.size();
  while (begin > 0 && product >= negligible) {
    suffix[begin - 1] = product;
    product *= 1 - p[begin - 1] * c;
    --begin;
  }
  double power = std::pow(u, static_cast<double>(begin));
  for (std::size_t t = begin; t < p.size() && power >= negligible; ++t) {
    curve[t] += power * suffix[t];
    power *= u;
  }
}

} // namespace

std::vector<double> exact_curve(std::span<const double> ranked, OverlapMetric metric) {
  const std::size_t d = ranked.size();
  std::vector<double> curve(d, 0.0), suffix(d);
  if (d == 0) return curve;
  // The polynomials' degrees are at most 2 d - 1 (Dice) and d - 1 (IoU).
  const Quadrature q = gauss_legendre(metric == OverlapMetric::dice ? d + 1 : d / 2 + 1);
  for (std::size_t k = 0; k < q.nodes.size(); ++k) {
    if (metric == OverlapMetric::dice)
      add_dice_node(ranked, q.nodes[k], q.complements[k], q.weights[k], curve);
    else
      add_iou_node(ranked, q.nodes[k], q.complements[k], q.weights[k], suffix, curve);
  }
  if (metric == OverlapMetric::dice) return curve;
  double sum = 0;
  for (std::size_t t = 0; t < d; ++t) {
    sum += ranked[t];
    curve[t] *= sum;
  }
  return curve;
}

std::size_t best_count(std::span<const double> curve) {
  return curve.empty()
             ? 0
             : static_cast<std::size_t>(std::max_element(curve.begin(), curve.end()) - curve.begin()) + 1;
}

} // namespace raphson::optim::tools
