// Least squares under an order. On a line, by pooling adjacent violators (M. Ayer et al., Ann. Math. Stat.
// 26(4), 1955); where several orders must hold at once, as along each knob of a grid, by R. L. Dykstra's
// cyclic projections (J. Am. Stat. Assoc. 78(384), 1983), which end at the least-squares solution.
#pragma once

#include "optim/match/session/manifest.h"

#include <span>
#include <vector>

namespace raphson::optim::match {

/// Indices of values that must rise, or fall, in this order.
struct OrderedLine {
  std::vector<std::size_t> indices;
  Direction direction; ///< free: ignored
};

/// The values nearest to `values`, by sum of weight * (change)^2, that keep to every line. Weights are above
/// 0. Values that keep to them already come back to the bit.
std::vector<double> isotonic(const std::vector<double>& values, std::span<const double> weights,
                             std::span<const OrderedLine> lines);

} // namespace raphson::optim::match
