#include "optim/tools/signals/fmtx_graph.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>
#include <queue>

namespace raphson::optim::tools {
namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();

Obstacles without(const Obstacles& all, const Obstacles& others) {
  Obstacles rest;
  for (const Obstacle& obstacle : all)
    if (std::find(others.begin(), others.end(), obstacle) == others.end()) rest.push_back(obstacle);
  return rest;
}

} // namespace

double connection_radius(int samples, int dimension, double volume, double factor) {
  const double d = dimension, n = samples;
  const double unit_ball = std::pow(std::numbers::pi, d / 2) / std::tgamma(d / 2 + 1);
  return factor * 2 * std::pow(1 / d, 1 / d) * std::pow(volume / unit_ball, 1 / d)
         * std::pow(std::log(n) / n, 1 / d);
}

SampleGraph::SampleGraph(std::vector<double> coordinates, int dimension, double r, const OccupancyMap* map)
    : points(std::move(coordinates)), radius(r), tree(points, dimension) {
  first.reserve(static_cast<std::size_t>(size()) + 1);
  first.push_back(0);
  std::vector<int> found;
  for (int i = 0; i < size(); ++i) {
    tree.within(point(i), radius, found);
    for (const int j : found) {
      if (j == i) continue;
      // The test of a line must not depend on its direction, or the edge would exist one way only.
      if (map && !map->line_free(point(std::min(i, j)), point(std::max(i, j)))) continue;
      target.push_back(j);
      length.push_back(euclidean(point(i), point(j)));
    }
    first.push_back(static_cast<int>(target.size()));
  }
  twin.resize(target.size());
  std::vector<int> next(first.begin(), first.end() - 1);
  for (std::size_t edge = 0; edge < target.size(); ++edge) twin[edge] = next[target[edge]]++;
}

RoadMap::RoadMap(const SampleGraph& graph, EdgeCheck check)
    : graph_(graph), check_(check), cost_(graph.length), checked_(graph.length.size(), 0),
      result_(graph.length.size(), 1) {}

// sqrt(R^2 + (r_n / 2)^2) catches an end of every edge that could be cut: the worst one is a whole r_n long
// and touches the ball at its middle. The margin is for rounding.
void RoadMap::near(const Obstacles& changed, std::vector<int>& samples) {
  samples.clear();
  for (const Obstacle& obstacle : changed) {
    const double reach = std::hypot(bounding_radius(obstacle), graph_.radius / 2) * (1 + 1e-12);
    graph_.tree.within(obstacle.centre, reach, found_);
    samples.insert(samples.end(), found_.begin(), found_.end());
  }
  std::sort(samples.begin(), samples.end());
  samples.erase(std::unique(samples.begin(), samples.end()), samples.end());
}

const RoadMap::Change& RoadMap::update(const Obstacles& obstacles) {
  const Obstacles came = without(obstacles, obstacles_), went = without(obstacles_, obstacles);
  change_ = {};
  if (came.empty() && went.empty()) return change_;
  change_.any = true;
  near(came, change_.cur);
  near(went, change_.prev);
  obstacles_ = obstacles;
  ++update_;
  if (check_ == EdgeCheck::eager) settle_edges();
  return change_;
}

void RoadMap::settle_edges() {
  std::vector<int> all;
  std::set_union(change_.cur.begin(), change_.cur.end(), change_.prev.begin(), change_.prev.end(),
                 std::back_inserter(all));
  for (const int node : all)
    if (inside_any(obstacles_, graph_.point(node))) settle(node, true);
  for (const int node : all) settle(node, false);
}

// Eagerly: the state of all edges of a node that have not been settled in this update. One whose end is
// inside an obstacle loses them untested.
void RoadMap::settle(int node, bool inside) {
  for (int edge = graph_.begin(node); edge < graph_.end(node); ++edge) {
    if (checked_[edge] == update_) continue;
    const int twin = graph_.twin[edge], other = graph_.target[edge];
    if (!inside) ++tests_;
    const bool is_free = !inside && line_free(obstacles_, graph_.point(node), graph_.point(other));
    const double cost = is_free ? graph_.length[edge] : infinity;
    if (cost != cost_[edge]) ++changes_;
    cost_[edge] = cost_[twin] = cost;
    checked_[edge] = checked_[twin] = update_;
  }
}

bool RoadMap::free(int edge, int from) {
  if (check_ == EdgeCheck::eager) return cost_[edge] < infinity;
  if (checked_[edge] != update_) {
    const int twin = graph_.twin[edge];
    ++tests_;
    checked_[edge] = checked_[twin] = update_;
    result_[edge] = result_[twin] =
        line_free(obstacles_, graph_.point(from), graph_.point(graph_.target[edge]));
  }
  return result_[edge] != 0;
}

std::vector<double> shortest_ways(const SampleGraph& graph, const Obstacles& obstacles) {
  std::vector<double> way(static_cast<std::size_t>(graph.size()), infinity);
  using Entry = std::pair<double, int>;
  std::priority_queue<Entry, std::vector<Entry>, std::greater<>> queue;
  queue.push({way[0] = 0, 0});
  while (!queue.empty()) {
    const auto [reached, node] = queue.top();
    queue.pop();
    if (reached > way[node]) continue;
    for (int edge = graph.begin(node); edge < graph.end(node); ++edge) {
      const int other = graph.target[edge];
      const double through = reached + graph.length[edge];
      if (through >= way[other] || !line_free(obstacles, graph.point(node), graph.point(other))) continue;
      queue.push({way[other] = through, other});
    }
  }
  return way;
}

} // namespace raphson::optim::tools
