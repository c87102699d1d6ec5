#include "optim/tools/signals/rrtx.h"

#include <algorithm>
#include <limits>

namespace raphson::optim::tools {
namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();

} // namespace

RrtX::RrtX(const SampleGraph& graph)
    : roads_(graph, EdgeCheck::eager), tree_(graph.size()),
      g_(static_cast<std::size_t>(graph.size()), infinity), l_(g_), queue_(graph.size()) {
  l_[0] = 0;
  queue_.set(0, key(0));
}

void RrtX::verify(int node) {
  if (g_[node] != l_[node])
    queue_.set(node, key(node));
  else
    queue_.erase(node);
}

// l of a node, and its parent, from all its neighbours but those that hang on it (their l would come round).
void RrtX::look_ahead(int node) {
  const SampleGraph& graph = roads_.graph();
  work_.relaxations += graph.end(node) - graph.begin(node);
  for (int edge = graph.begin(node); edge < graph.end(node); ++edge) {
    const int other = graph.target[edge];
    if (tree_.parent(other) == node || l_[node] <= roads_.cost(edge) + l_[other]) continue;
    l_[node] = roads_.cost(edge) + l_[other];
    tree_.attach(node, other, edge);
  }
}

void RrtX::rewire(int node) {
  const SampleGraph& graph = roads_.graph();
  work_.relaxations += graph.end(node) - graph.begin(node);
  for (int edge = graph.begin(node); edge < graph.end(node); ++edge) {
    const int other = graph.target[edge];
    if (other == tree_.parent(node) || l_[other] <= roads_.cost(edge) + l_[node]) continue;
    l_[other] = roads_.cost(edge) + l_[node];
    tree_.attach(other, node, graph.twin[edge]);
    if (g_[other] > l_[other]) queue_.set(other, key(other));
  }
}

void RrtX::update(const Obstacles& obstacles) {
  const RoadMap::Change& change = roads_.update(obstacles);
  if (!change.any) return;
  const SampleGraph& graph = roads_.graph();
  const std::vector<int> lost = orphaned_nodes(tree_, roads_, change);
  work_.orphans += std::ssize(lost);
  for (const int node : lost) {
    g_[node] = l_[node] = infinity;
    tree_.detach(node);
    queue_.erase(node);
  }
  const auto raise = [&](int node) { // so that it spreads its l anew
    if (l_[node] == infinity) return;
    g_[node] = infinity;
    queue_.set(node, key(node));
  };
  for (const int node : lost)
    for (int edge = graph.begin(node); edge < graph.end(node); ++edge) raise(graph.target[edge]);
  for (const int node : change.prev) {
    look_ahead(node);
    verify(node);
    rewire(node); // an edge that opened may serve its other end
  }
}

bool RrtX::unsettled(int robot) const {
  return l_[robot] != g_[robot] || g_[robot] == infinity || queue_.contains(robot)
         || queue_.top_key() < key(robot);
}

void RrtX::plan(std::optional<int> robot) {
  while (!queue_.empty() && (!robot || unsettled(*robot))) {
    const int node = queue_.pop();
    ++work_.expanded;
    if (g_[node] > l_[node]) {
      look_ahead(node);
      rewire(node);
    }
    g_[node] = l_[node];
  }
}

PlanningWork RrtX::work() const {
  PlanningWork work = work_;
  work.edge_tests = roads_.tests();
  work.edge_changes = roads_.changes();
  return work;
}

} // namespace raphson::optim::tools
