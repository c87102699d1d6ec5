#include "optim/engine/transport.h"

#include "dsp/error.h"
#include "optim/engine/transport_tree.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <string>

namespace raphson::optim {
namespace {

using Units = std::vector<std::int64_t>;

struct WholeMasses {
  Units supply, demand;
  double unit = 0; // the mass of one
};

// Rounded by cumulated sums, so that both sides add up to the same number.
Units on_grid(const Vector& masses, double total, double grid) {
  Units units(static_cast<std::size_t>(masses.size()));
  double sum = 0;
  std::int64_t before = 0;
  for (std::size_t i = 0; i < units.size(); ++i) {
    sum += masses[static_cast<Eigen::Index>(i)];
    const auto now = i + 1 == units.size() ? static_cast<std::int64_t>(grid)
                                           : static_cast<std::int64_t>(std::llround(sum / total * grid));
    units[i] = now - before;
    before = now;
  }
  return units;
}

WholeMasses uniform_masses(Eigen::Index n, Eigen::Index m) {
  const auto g = std::gcd(n, m);
  return {Units(static_cast<std::size_t>(n), m / g), Units(static_cast<std::size_t>(m), n / g),
          static_cast<double>(g) / (static_cast<double>(n) * static_cast<double>(m))};
}

WholeMasses whole_masses(const Vector& supply, const Vector& demand) {
  const auto positive = [](const Vector& v) { return v.allFinite() && (v.array() > 0).all(); };
  if (!positive(supply) || !positive(demand)) throw InputError("transport: every mass must be above 0");
  const double total = supply.sum();
  if (std::abs(total - demand.sum()) > 1e-9 * total) {
    throw InputError("transport: the supplies add up to " + std::to_string(total) + " and the demands to "
                     + std::to_string(demand.sum()) + "; they must be equal");
  }
  // The perturbation multiplies the units by n + 1 and they have to stay within 63 bits.
  const double grid = std::exp2(61 - std::ceil(std::log2(static_cast<double>(supply.size()) + 1)));
  return {on_grid(supply, total, grid), on_grid(demand, demand.sum(), grid), total / grid};
}

// A first basis: each target takes from the cheapest sources that have something left, those first that lose
// most by getting their second choice. Without degeneracy each step empties one source or one target.
std::vector<TransportCell> greedy_basis(const CostMatrix& cost, Units supply, Units demand) {
  const auto n = static_cast<int>(cost.rows()), m = static_cast<int>(cost.cols());
  Vector regret = Vector::Zero(m);
  for (int t = 0; t < m && n > 1; ++t) {
    double best = INFINITY, second = INFINITY;
    for (int s = 0; s < n; ++s) {
      second = std::min(second, std::max(best, cost(s, t)));
      best = std::min(best, cost(s, t));
    }
    regret[t] = second - best;
  }
  std::vector<int> order(static_cast<std::size_t>(m)), left(static_cast<std::size_t>(n));
  std::iota(order.begin(), order.end(), 0);
  std::iota(left.begin(), left.end(), 0);
  std::stable_sort(order.begin(), order.end(), [&](int a, int b) { return regret[a] > regret[b]; });
  std::vector<TransportCell> cells;
  for (const int t : order) {
    auto& wanted = demand[static_cast<std::size_t>(t)];
    while (wanted > 0) {
      const auto cheapest =
          std::min_element(left.begin(), left.end(), [&](int a, int b) { return cost(a, t) < cost(b, t); });
      auto& there = supply[static_cast<std::size_t>(*cheapest)];
      const std::int64_t moved = std::min(wanted, there);
      cells.push_back({*cheapest, t, 0});
      wanted -= moved;
      there -= moved;
      if (there == 0) left.erase(cheapest);
    }
  }
  return cells;
}

// No sum of some supplies equals the sum of some demands, but for all of them: with K > n, the supplies are
// K a_s + 1, the demands K b_t, and the last has the n more. A basis that is feasible for these is feasible
// for the masses themselves.
WholeMasses perturbed(WholeMasses masses) {
  const auto n = static_cast<std::int64_t>(masses.supply.size()), factor = n + 1;
  for (auto& a : masses.supply) a = factor * a + 1;
  for (auto& b : masses.demand) b *= factor;
  masses.demand.back() += n;
  return masses;
}

// The most negative of C_st - x_s - y_t over some rows, going round: rows are taken until there are enough
// cells and one of them is negative.
class Pricing {
public:
  Pricing(const CostMatrix& cost, const TransportTree& tree) : cost_(cost), tree_(tree) {
    const double cells = static_cast<double>(cost.rows()) * static_cast<double>(cost.cols());
    rows_at_once_ =
        std::max<Eigen::Index>(1, std::llround(std::sqrt(cells) / static_cast<double>(cost.cols())));
    tolerance_ = 1e-12 * std::max(cost.cwiseAbs().maxCoeff(), 1e-300);
  }

  // False where no cell is negative.
  bool find(int& source, int& target, double& reduced) {
    reduced = -tolerance_;
    Eigen::Index scanned = 0;
    source = -1;
    for (; scanned < cost_.rows() && (source < 0 || scanned < rows_at_once_); ++scanned) {
      row_ = row_ + 1 == cost_.rows() ? 0 : row_ + 1;
      const double x = tree_.source_duals()[row_];
      const double low = (cost_.row(row_).transpose() - tree_.target_duals()).minCoeff() - x;
      if (low < reduced) {
        reduced = low;
        source = static_cast<int>(row_);
      }
    }
    if (source < 0) return false;
    Eigen::Index at = 0;
    (cost_.row(source).transpose() - tree_.target_duals()).minCoeff(&at);
    target = static_cast<int>(at);
    return true;
  }

private:
  const CostMatrix& cost_;
  const TransportTree& tree_;
  Eigen::Index row_ = -1, rows_at_once_ = 1;
  double tolerance_ = 0;
};

TransportPlan solve(const CostMatrix& cost, const WholeMasses& masses, std::span<const TransportCell> start) {
  if (!cost.allFinite()) throw InputError("transport: every cost must be a finite number");
  const WholeMasses moved = perturbed(masses);
  TransportTree tree(cost);
  if (start.empty() || !tree.build(start, moved.supply, moved.demand)) {
    tree.build(greedy_basis(cost, moved.supply, moved.demand), moved.supply, moved.demand);
  }
  TransportPlan plan;
  Pricing pricing(cost, tree);
  for (bool fresh = true;;) {
    int source = 0, target = 0;
    double reduced = 0;
    if (pricing.find(source, target, reduced)) {
      tree.pivot(source, target, reduced);
      ++plan.pivots;
      fresh = false;
    } else if (!fresh) { // the duals were updated step by step: once more with them made anew
      tree.refresh_duals();
      fresh = true;
    } else {
      break;
    }
  }
  plan.cells = tree.cells(masses.supply, masses.demand, masses.unit);
  for (const auto& cell : plan.cells) plan.cost += cell.mass * cost(cell.source, cell.target);
  plan.source_duals = tree.source_duals();
  plan.target_duals = (cost.colwise() - plan.source_duals).colwise().minCoeff();
  return plan;
}

void check_shape(const CostMatrix& cost, Eigen::Index n, Eigen::Index m) {
  if (n == 0 || m == 0 || cost.rows() != n || cost.cols() != m) {
    throw InputError("transport: costs of " + std::to_string(cost.rows()) + " x "
                     + std::to_string(cost.cols()) + " for " + std::to_string(n) + " supplies and "
                     + std::to_string(m)
                     + " demands; there must be one cost for each pair, and at least one");
  }
}

} // namespace

TransportPlan transport(const CostMatrix& cost, const Vector& supply, const Vector& demand,
                        std::span<const TransportCell> start) {
  check_shape(cost, supply.size(), demand.size());
  return solve(cost, whole_masses(supply, demand), start);
}

TransportPlan uniform_transport(const CostMatrix& cost, std::span<const TransportCell> start) {
  check_shape(cost, cost.rows(), cost.cols());
  return solve(cost, uniform_masses(cost.rows(), cost.cols()), start);
}

} // namespace raphson::optim
