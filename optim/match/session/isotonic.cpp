#include "optim/match/session/isotonic.h"

#include <algorithm>
#include <cmath>

namespace raphson::optim::match {
namespace {

/// Rising where sign is 1, falling where it is -1.
void pool(std::vector<double>& values, std::span<const double> weights, const OrderedLine& line) {
  struct Block {
    double mean, weight;
    std::size_t count;
  };
  const double sign = line.direction == Direction::rising ? 1 : -1;
  std::vector<Block> blocks;
  for (const std::size_t i : line.indices) {
    blocks.push_back({sign * values[i], weights[i], 1});
    while (blocks.size() > 1 && blocks[blocks.size() - 2].mean > blocks.back().mean) {
      const Block last = blocks.back();
      blocks.pop_back();
      Block& b = blocks.back();
      b.mean = (b.mean * b.weight + last.mean * last.weight) / (b.weight + last.weight);
      b.weight += last.weight;
      b.count += last.count;
    }
  }
  std::size_t at = 0;
  for (const Block& b : blocks)
    for (std::size_t n = 0; n < b.count; ++n, ++at)
      if (b.count > 1) values[line.indices[at]] = sign * b.mean;
}

} // namespace

std::vector<double> isotonic(const std::vector<double>& values, std::span<const double> weights,
                             std::span<const OrderedLine> lines) {
  std::vector<double> x = values;
  std::vector<std::vector<double>> corrections(lines.size(), std::vector<double>(values.size(), 0.0));
  constexpr int sweeps = 1000;
  for (int sweep = 0; sweep < sweeps; ++sweep) {
    double moved = 0, size = 1e-300;
    for (std::size_t l = 0; l < lines.size(); ++l) {
      if (lines[l].direction == Direction::free) continue;
      std::vector<double> shifted = x;
      for (const std::size_t i : lines[l].indices) shifted[i] += corrections[l][i];
      std::vector<double> projected = shifted;
      pool(projected, weights, lines[l]);
      for (const std::size_t i : lines[l].indices) {
        corrections[l][i] = shifted[i] - projected[i];
        moved = std::max(moved, std::abs(projected[i] - x[i]));
        size = std::max(size, std::abs(projected[i]));
        x[i] = projected[i];
      }
    }
    if (moved <= 1e-12 * size) break;
  }
  return x;
}

} // namespace raphson::optim::match
