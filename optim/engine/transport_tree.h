// The basis of the transportation simplex: a tree over sources and targets, rooted at source 0, with the flow
// on each node's edge to its parent and the duals that make every edge tight. Used by transport.cpp alone.
#pragma once

#include "optim/engine/transport.h"

#include <cstdint>
#include <span>
#include <vector>

namespace raphson::optim {

class TransportTree {
public:
  explicit TransportTree(const CostMatrix& cost);

  /// False where the cells are no tree over all nodes or a flow would not be positive.
  bool build(std::span<const TransportCell> cells, const std::vector<std::int64_t>& supply,
             const std::vector<std::int64_t>& demand);

  /// Takes in the cell of reduced cost `reduced` < 0, and drops the one that empties first.
  void pivot(int source, int target, double reduced);

  void refresh_duals();

  auto source_duals() const { return duals_.head(n_); }
  auto target_duals() const { return duals_.tail(m_); }

  /// The cells of the tree with the flow that these masses have on it.
  std::vector<TransportCell> cells(const std::vector<std::int64_t>& supply,
                                   const std::vector<std::int64_t>& demand, double unit) const;

private:
  struct Node {
    int parent = -1, first_child = -1, next = -1, previous = -1; // next and previous: siblings
    int depth = 0;
  };

  bool is_source(int node) const { return node < n_; }
  double edge_cost(int a, int b) const { return is_source(a) ? cost_(a, b - n_) : cost_(b, a - n_); }
  std::vector<int> preorder() const;
  std::vector<std::int64_t> flows(const std::vector<std::int64_t>& supply,
                                  const std::vector<std::int64_t>& demand) const;
  void attach(int node, int parent);
  void detach(int node);
  int following(int node, int top) const;
  void shift_duals_below(int top, double change);

  const CostMatrix& cost_;
  int n_, m_;
  std::vector<Node> nodes_;
  std::vector<std::int64_t> flow_; // on the edge to the parent
  Vector duals_;                   // of the sources, then of the targets
};

} // namespace raphson::optim
