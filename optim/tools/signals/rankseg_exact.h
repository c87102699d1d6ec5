// The expected overlap of masks without approximation, to measure RankSEG-RMA against. With G the number of
// positives, G_-j that without pixel j and G_out that among the pixels not chosen, the t most probable pixels
// have
//   Dice: V(t) = 2 sum_{j<=t} p_(j) E[1 / (t + 1 + G_-j)]      IoU: V(t) = S(t) E[1 / (t + G_out)],
// and E[1 / (a + X)] = integral over u in [0, 1] of u^(a-1) prod_i (1 - p_i + p_i u), a polynomial, which
// Gauss-Legendre quadrature integrates exactly. O(d^2) (B. Dai & C. Li, JMLR 24, 2023, give this cost).
#pragma once

#include "optim/tools/signals/rankseg.h"

#include <span>
#include <vector>

namespace raphson::optim::tools {

/// Beyond so many pixels a curve takes seconds and more.
inline constexpr std::size_t most_exact_pixels = 20000;

/// V(1) ... V(d) of ranked probabilities.
std::vector<double> exact_curve(std::span<const double> ranked, OverlapMetric metric);

/// The smallest t with the largest value of a curve, from 1; 0 for none.
std::size_t best_count(std::span<const double> curve);

} // namespace raphson::optim::tools
