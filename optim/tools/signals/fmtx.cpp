#include "optim/tools/signals/fmtx.h"

#include <limits>

namespace raphson::optim::tools {
namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();

} // namespace

NodeTree::NodeTree(int nodes)
    : parent_(static_cast<std::size_t>(nodes), -1), parent_edge_(parent_), first_child_(parent_),
      next_(parent_), previous_(parent_) {}

void NodeTree::detach(int node) {
  if (parent_[node] < 0) return;
  if (previous_[node] >= 0)
    next_[previous_[node]] = next_[node];
  else
    first_child_[parent_[node]] = next_[node];
  if (next_[node] >= 0) previous_[next_[node]] = previous_[node];
  parent_[node] = parent_edge_[node] = next_[node] = previous_[node] = -1;
}

void NodeTree::attach(int node, int parent, int edge) {
  detach(node);
  parent_[node] = parent;
  parent_edge_[node] = edge;
  next_[node] = first_child_[parent];
  if (next_[node] >= 0) previous_[next_[node]] = node;
  first_child_[parent] = node;
}

void NodeTree::with_descendants(std::vector<int>& lost) const {
  std::vector<bool> seen(parent_.size(), false);
  std::vector<int> all;
  for (const int node : lost) {
    if (seen[node]) continue;
    seen[node] = true;
    all.push_back(node);
  }
  for (std::size_t at = 0; at < all.size(); ++at)
    for (int child = first_child_[all[at]]; child >= 0; child = next_[child]) {
      if (seen[child]) continue;
      seen[child] = true;
      all.push_back(child);
    }
  lost = std::move(all);
}

PlanningWork PlanningWork::since(const PlanningWork& before) const {
  return {orphans - before.orphans, expanded - before.expanded, relaxations - before.relaxations,
          edge_tests - before.edge_tests, edge_changes - before.edge_changes};
}

std::vector<int> orphaned_nodes(const NodeTree& tree, RoadMap& roads, const RoadMap::Change& change) {
  std::vector<int> lost;
  const auto look_at = [&](int node) {
    const int edge = tree.parent_edge(node);
    if (edge >= 0 && !roads.free(edge, node)) lost.push_back(node);
  };
  for (const int node : change.cur) {
    look_at(node);
    for (int child = tree.first_child(node); child >= 0; child = tree.next_sibling(child)) look_at(child);
  }
  tree.with_descendants(lost);
  return lost;
}

FmtX::FmtX(const SampleGraph& graph, EdgeCheck check)
    : roads_(graph, check), tree_(graph.size()), g_(static_cast<std::size_t>(graph.size()), infinity),
      queue_(graph.size()) {
  g_[0] = 0;
  queue_.set(0, 0);
}

void FmtX::enqueue_neighbours(int node) {
  const SampleGraph& graph = roads_.graph();
  for (int edge = graph.begin(node); edge < graph.end(node); ++edge) {
    const int other = graph.target[edge];
    if (g_[other] < infinity && !queue_.contains(other)) queue_.set(other, g_[other]);
  }
}

void FmtX::update(const Obstacles& obstacles) {
  const RoadMap::Change& change = roads_.update(obstacles);
  if (!change.any) return;
  const std::vector<int> lost = orphaned_nodes(tree_, roads_, change);
  work_.orphans += std::ssize(lost);
  for (const int node : lost) {
    g_[node] = infinity;
    tree_.detach(node);
    queue_.erase(node);
  }
  for (const int node : lost) enqueue_neighbours(node);
  for (const int node : change.prev) {
    enqueue_neighbours(node);
    if (g_[node] < infinity && !queue_.contains(node)) queue_.set(node, g_[node]);
  }
}

// To the best of its neighbours in the queue, not simply to the one being expanded.
void FmtX::connect(int node) {
  const SampleGraph& graph = roads_.graph();
  double best = infinity;
  int through = -1;
  for (int edge = graph.begin(node); edge < graph.end(node); ++edge) {
    const int other = graph.target[edge];
    if (!queue_.contains(other)) continue;
    const double cost = g_[other] + roads_.cost(edge);
    if (cost >= best) continue;
    best = cost;
    through = edge;
  }
  work_.relaxations += graph.end(node) - graph.begin(node);
  if (through < 0 || !roads_.free(through, node)) return;
  g_[node] = best;
  tree_.attach(node, graph.target[through], through);
  queue_.set(node, best);
}

bool FmtX::plan_step(std::optional<int> robot) {
  if (queue_.empty()) return false;
  if (robot && queue_.top_key() >= g_[*robot] && !queue_.contains(*robot)) return false;
  const SampleGraph& graph = roads_.graph();
  const int z = queue_.top(); // in the queue while it is worked on
  for (int edge = graph.begin(z); edge < graph.end(z); ++edge)
    if (g_[graph.target[edge]] > g_[z] + roads_.cost(edge)) connect(graph.target[edge]);
  work_.relaxations += graph.end(z) - graph.begin(z);
  queue_.erase(z);
  ++work_.expanded;
  return true;
}

void FmtX::plan(std::optional<int> robot) {
  while (plan_step(robot)) {
  }
}

std::vector<int> FmtX::path(int node) const {
  std::vector<int> nodes;
  if (g_[node] == infinity) return nodes;
  for (; node >= 0; node = tree_.parent(node)) nodes.push_back(node);
  return nodes;
}

PlanningWork FmtX::work() const {
  PlanningWork work = work_;
  work.edge_tests = roads_.tests();
  work.edge_changes = roads_.changes();
  return work;
}

} // namespace raphson::optim::tools
