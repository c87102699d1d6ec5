// Exact discrete optimal transport with its duals:
//
//   min over p >= 0 of  sum_st C_st p_st   with  sum_t p_st = a_s,  sum_s p_st = b_t
//   max over x, y of    sum_s a_s x_s + sum_t b_t y_t   with  x_s + y_t <= C_st
//
// by the transportation simplex (G. B. Dantzig 1951; the tree as in Ahuja, Magnanti & Orlin, Network Flows,
// 1993, chapter 11). The masses become whole numbers, which a perturbation keeps from ever being degenerate:
// every pivot lowers the cost and the method ends. Uniform masses are held exactly, others to 2^-40 of the
// total; the values of plan and duals agree to rounding error.
//
//   TransportPlan plan = uniform_transport(cost);
//   cost.row(3) = another;
//   plan = uniform_transport(cost, plan.cells); // a few pivots from the last basis, whose duals they start
//   from
//
// Cost: a pass over the matrix to prove optimality, and a pivot of O(n + m) at worst, far less on average.
#pragma once

#include "optim/engine/types.h"

#include <span>
#include <vector>

namespace raphson::optim {

using CostMatrix = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>; // [source][target]

struct TransportCell {
  int source = 0, target = 0;
  double mass = 0;
};

struct TransportPlan {
  double cost = 0;
  Vector source_duals;              // x
  Vector target_duals;              // y_t = min over s of C_st - x_s
  std::vector<TransportCell> cells; // of the basis, n + m - 1 that form a tree; a mass may be 0
  int pivots = 0;
};

/// `start`: the cells of a plan of the same size; where they are no basis for these masses, they are ignored.
/// Throws InputError where a mass is not positive, the sums differ or a cost is not finite.
TransportPlan transport(const CostMatrix& cost, const Vector& supply, const Vector& demand,
                        std::span<const TransportCell> start = {});

/// Masses 1/n and 1/m.
TransportPlan uniform_transport(const CostMatrix& cost, std::span<const TransportCell> start = {});

} // namespace raphson::optim
