// FMT^x: a tree of shortest collision-free ways over random samples, rooted at the goal, that is repaired
// when obstacles come, move or go.
//
//   FmtX planner(graph, EdgeCheck::eager);
//   planner.update(obstacles); // what the change has cut or opened
//   planner.plan();            // repairs the whole tree; plan(node): until the way from this node is settled
//   planner.path(node);        // node ... 0
//
// "FMT^x: An Efficient and Asymptotically Optimal Extension of the Fast Marching Tree for Dynamic
// Replanning", 2025, on FMT* (L. Janson et al., IJRR 34, 2015). The one change against FMT*: a node is looked
// at again not when it is unvisited, but whenever it could improve through the node being expanded.
// With eager edges every g is, after plan(), the shortest way over the free edges exactly; with lazy ones it
// is never shorter and may be a few per cent longer, the price of FMT* for trying only the best candidate.
#pragma once

#include "optim/engine/addressable_heap.h"
#include "optim/tools/signals/fmtx_graph.h"

#include <optional>

namespace raphson::optim::tools {

/// A tree over nodes 0 ... n - 1, node 0 its root, that knows each node's children.
class NodeTree {
public:
  explicit NodeTree(int nodes);

  int parent(int node) const { return parent_[node]; }           ///< -1: none
  int parent_edge(int node) const { return parent_edge_[node]; } ///< from the node to its parent; -1: none
  int first_child(int node) const { return first_child_[node]; } ///< -1: none
  int next_sibling(int node) const { return next_[node]; }       ///< -1: none

  void attach(int node, int parent, int edge); ///< away from a former parent, if it has one
  void detach(int node);

  /// The nodes in `lost` and all below them, each once.
  void with_descendants(std::vector<int>& lost) const;

private:
  std::vector<int> parent_, parent_edge_, first_child_, next_, previous_;
};

struct PlanningWork {
  std::int64_t orphans = 0;      ///< nodes that lost their way to the goal
  std::int64_t expanded = 0;     ///< nodes taken off the queue
  std::int64_t relaxations = 0;  ///< edges looked at
  std::int64_t edge_tests = 0;   ///< lines held against the obstacles
  std::int64_t edge_changes = 0; ///< edges that became blocked or free (eager)

  PlanningWork since(const PlanningWork& before) const;
};

class FmtX {
public:
  /// Node 0 is the goal. The graph must outlive the planner.
  FmtX(const SampleGraph& graph, EdgeCheck check);

  void update(const Obstacles& obstacles);
  void plan(std::optional<int> robot = {});
  bool plan_step(std::optional<int> robot = {}); ///< expands one node; false: there was nothing left to do

  double cost(int node) const { return g_[node]; } ///< of the way to the goal; infinite: none
  const NodeTree& tree() const { return tree_; }
  const RoadMap& roads() const { return roads_; }
  bool queued(int node) const { return queue_.contains(node); }
  std::vector<int> path(int node) const; ///< node ... 0; empty where there is none
  PlanningWork work() const;             ///< so far

private:
  void enqueue_neighbours(int node);
  void connect(int node);

  RoadMap roads_;
  NodeTree tree_;
  std::vector<double> g_;
  AddressableHeap<double> queue_;
  PlanningWork work_;
};

/// The nodes whose parent edge has been cut, and all below them. Lazily the parent edges with an end in `cur`
/// are tested here.
std::vector<int> orphaned_nodes(const NodeTree& tree, RoadMap& roads, const RoadMap::Change& change);

} // namespace raphson::optim::tools
