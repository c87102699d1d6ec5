// RRT^x over samples that are all there from the start, for comparison with FMT^x: M. Otte & E. Frazzoli,
// "RRT^X: Asymptotically Optimal Single-Query Sampling-Based Motion Planning with Quick Replanning", IJRR 35
// (2016), its eps 0.
//
// A node has two values: g, its cost as its neighbours know it, and l, what its neighbours' values make of
// it; where they differ it waits in a queue by (min(g, l), g). Edges are checked eagerly.
#pragma once

#include "optim/tools/signals/fmtx.h"

namespace raphson::optim::tools {

class RrtX {
public:
  explicit RrtX(const SampleGraph& graph); ///< node 0 is the goal; the graph must outlive the planner

  void update(const Obstacles& obstacles);
  void plan(std::optional<int> robot = {}); ///< the whole tree, or until the robot's node is settled

  double cost(int node) const { return l_[node]; }
  PlanningWork work() const; ///< so far; `expanded` are pops of the queue

private:
  using Key = std::pair<double, double>;

  Key key(int node) const { return {std::min(g_[node], l_[node]), g_[node]}; }
  bool unsettled(int robot) const;
  void verify(int node); ///< into the queue where g and l differ
  void look_ahead(int node);
  void rewire(int node);

  RoadMap roads_;
  NodeTree tree_;
  std::vector<double> g_, l_;
  AddressableHeap<Key> queue_;
  PlanningWork work_;
};

} // namespace raphson::optim::tools
