#include "optim/engine/transport_tree.h"

#include <algorithm>
#include <limits>
#include <utility>

namespace raphson::optim {
namespace {

std::size_t at(int node) { return static_cast<std::size_t>(node); }

} // namespace

TransportTree::TransportTree(const CostMatrix& cost)
    : cost_(cost), n_(static_cast<int>(cost.rows())), m_(static_cast<int>(cost.cols())) {}

bool TransportTree::build(std::span<const TransportCell> cells, const std::vector<std::int64_t>& supply,
                          const std::vector<std::int64_t>& demand) {
  const int count = n_ + m_;
  if (static_cast<int>(cells.size()) != count - 1) return false;
  std::vector<std::vector<int>> neighbours(at(count));
  for (const auto& cell : cells) {
    if (cell.source < 0 || cell.source >= n_ || cell.target < 0 || cell.target >= m_) return false;
    neighbours[at(cell.source)].push_back(n_ + cell.target);
    neighbours[at(n_ + cell.target)].push_back(cell.source);
  }
  nodes_.assign(at(count), {});
  std::vector<int> queue{0};
  for (std::size_t k = 0; k < queue.size(); ++k) {
    for (const int neighbour : neighbours[at(queue[k])]) {
      if (neighbour == nodes_[at(queue[k])].parent) continue;
      if (neighbour == 0 || nodes_[at(neighbour)].parent >= 0) return false; // a cycle
      attach(neighbour, queue[k]);
      nodes_[at(neighbour)].depth = nodes_[at(queue[k])].depth + 1;
      queue.push_back(neighbour);
    }
  }
  if (static_cast<int>(queue.size()) != count) return false;
  flow_ = flows(supply, demand);
  refresh_duals();
  return std::all_of(flow_.begin() + 1, flow_.end(), [](std::int64_t f) { return f > 0; });
}

// What a subtree has too much of goes up through its top's edge.
std::vector<std::int64_t> TransportTree::flows(const std::vector<std::int64_t>& supply,
                                               const std::vector<std::int64_t>& demand) const {
  std::vector<std::int64_t> net(supply);
  for (const auto b : demand) net.push_back(-b);
  const auto order = preorder();
  for (std::size_t k = order.size(); k-- > 1;) net[at(nodes_[at(order[k])].parent)] += net[at(order[k])];
  for (std::size_t t = supply.size(); t < net.size(); ++t) net[t] = -net[t];
  return net;
}

void TransportTree::refresh_duals() {
  duals_ = Vector::Zero(n_ + m_);
  const auto order = preorder();
  for (std::size_t k = 1; k < order.size(); ++k) {
    const int parent = nodes_[at(order[k])].parent;
    duals_[order[k]] = edge_cost(order[k], parent) - duals_[parent];
  }
}

std::vector<int> TransportTree::preorder() const {
  std::vector<int> order;
  order.reserve(nodes_.size());
  for (int node = 0; node >= 0; node = following(node, 0)) order.push_back(node);
  return order;
}

// The next of the subtree of `top` in preorder, -1 at its end.
int TransportTree::following(int node, int top) const {
  if (nodes_[at(node)].first_child >= 0) return nodes_[at(node)].first_child;
  while (node != top && nodes_[at(node)].next < 0) node = nodes_[at(node)].parent;
  return node == top ? -1 : nodes_[at(node)].next;
}

void TransportTree::attach(int node, int parent) {
  Node& self = nodes_[at(node)];
  self.parent = parent;
  self.previous = -1;
  self.next = std::exchange(nodes_[at(parent)].first_child, node);
  if (self.next >= 0) nodes_[at(self.next)].previous = node;
}

void TransportTree::detach(int node) {
  const Node self = nodes_[at(node)];
  if (self.previous >= 0) {
    nodes_[at(self.previous)].next = self.next;
  } else {
    nodes_[at(self.parent)].first_child = self.next;
  }
  if (self.next >= 0) nodes_[at(self.next)].previous = self.previous;
}

// The cycle is the new cell and the tree's path between its ends. What goes through the new cell leaves the
// edges by which the target was served and the source served others, and so on alternately.
void TransportTree::pivot(int source, int target, double reduced) {
  const int ends[2] = {source, n_ + target};
  std::int64_t least = std::numeric_limits<std::int64_t>::max();
  int leaving = -1, side = 0;
  const auto decreases = [&](int node, int end) { return is_source(node) == is_source(ends[end]); };
  int walk[2] = {ends[0], ends[1]};
  while (walk[0] != walk[1]) {
    const int end = nodes_[at(walk[0])].depth >= nodes_[at(walk[1])].depth ? 0 : 1;
    const int node = walk[end];
    if (decreases(node, end) && flow_[at(node)] < least) {
      least = flow_[at(node)];
      leaving = node;
      side = end;
    }
    walk[end] = nodes_[at(node)].parent;
  }
  const int top = walk[0];
  for (int end = 0; end < 2; ++end) {
    for (int node = ends[end]; node != top; node = nodes_[at(node)].parent) {
      flow_[at(node)] += decreases(node, end) ? -least : least;
    }
  }
  // The part below the edge that leaves hangs from its end of the new cell.
  int node = ends[side], parent = ends[1 - side];
  std::int64_t flow = least;
  for (bool last = false; !last;) {
    last = node == leaving;
    const int old_parent = nodes_[at(node)].parent;
    detach(node);
    attach(node, parent);
    std::swap(flow_[at(node)], flow);
    parent = std::exchange(node, old_parent);
  }
  shift_duals_below(ends[side], reduced);
}

void TransportTree::shift_duals_below(int top, double change) {
  const bool kind = is_source(top);
  for (int node = top; node >= 0; node = following(node, top)) {
    nodes_[at(node)].depth = nodes_[at(nodes_[at(node)].parent)].depth + 1;
    duals_[node] += is_source(node) == kind ? change : -change;
  }
}

std::vector<TransportCell> TransportTree::cells(const std::vector<std::int64_t>& supply,
                                                const std::vector<std::int64_t>& demand, double unit) const {
  const auto flow = flows(supply, demand);
  std::vector<TransportCell> result;
  for (int node = 1; node < n_ + m_; ++node) {
    const int parent = nodes_[at(node)].parent;
    result.push_back({is_source(node) ? node : parent, (is_source(node) ? parent : node) - n_,
                      static_cast<double>(flow[at(node)]) * unit});
  }
  std::sort(result.begin(), result.end(), [](const TransportCell& a, const TransportCell& b) {
    return std::pair(a.source, a.target) < std::pair(b.source, b.target);
  });
  return result;
}

} // namespace raphson::optim
