// The graph that FMT^x, FMT* and RRT^x plan over: samples of a box joined to all within a radius, as
// compressed rows; and which of its edges the obstacles of the moment leave free.
//
// r_n = f 2 (1/d)^(1/d) (mu / zeta_d)^(1/d) (ln n / n)^(1/d), mu the volume of the box, zeta_d that of the
// unit ball (L. Janson et al., IJRR 34, 2015).
#pragma once

#include "optim/engine/kd_tree.h"
#include "optim/tools/signals/fmtx_map.h"
#include "optim/tools/signals/fmtx_obstacles.h"

#include <cstdint>

namespace raphson::optim::tools {

double connection_radius(int samples, int dimension, double volume, double factor);

struct SampleGraph {
  /// Every pair at most `radius` apart whose line the map, if there is one, leaves free: what never moves is
  /// cut out of the graph once.
  SampleGraph(std::vector<double> coordinates, int dimension, double radius,
              const OccupancyMap* map = nullptr);

  int size() const { return tree.size(); }
  PositionView point(int node) const {
    return {points.data() + static_cast<std::size_t>(node) * tree.dimension(),
            static_cast<std::size_t>(tree.dimension())};
  }
  int begin(int node) const { return first[node]; }
  int end(int node) const { return first[node + 1]; }

  std::vector<double> points; // coordinates of each, one after the other
  double radius;
  KdTree tree;
  std::vector<int> first; // of a node's edges, which are ordered by neighbour
  std::vector<int> target;
  std::vector<double> length;
  std::vector<int> twin; // the same edge the other way
};

/// When edges are tested against obstacles: all that a change may touch, or each when it is about to be used.
enum class EdgeCheck { eager, lazy };

class RoadMap {
public:
  RoadMap(const SampleGraph& graph, EdgeCheck check);

  /// Samples near obstacles that came (`cur`) and that went (`prev`), ascending; those in both states count
  /// for neither. An edge that any of them cuts has an end in its set.
  struct Change {
    bool any = false;
    std::vector<int> cur, prev;
  };
  const Change& update(const Obstacles& obstacles);

  const SampleGraph& graph() const { return graph_; }
  EdgeCheck check() const { return check_; }
  const Obstacles& obstacles() const { return obstacles_; }

  /// Infinity where it is known to be blocked; lazily nothing is known.
  double cost(int edge) const { return cost_[edge]; }

  /// Whether the edge is free now; lazily it is tested, at most once between two updates.
  bool free(int edge, int from);

  std::int64_t tests() const { return tests_; }     ///< lines held against the obstacles, so far
  std::int64_t changes() const { return changes_; } ///< edges that became blocked or free, so far

private:
  void near(const Obstacles& changed, std::vector<int>& samples);
  void settle_edges();
  void settle(int node, bool inside);

  const SampleGraph& graph_;
  EdgeCheck check_;
  Obstacles obstacles_;
  Change change_;
  std::vector<double> cost_;
  std::vector<int> checked_;         // update at which an edge was last tested
  std::vector<std::uint8_t> result_; // of that test
  std::vector<int> found_;
  int update_ = 0;
  std::int64_t tests_ = 0, changes_ = 0;
};

/// The shortest ways to node 0 over the edges that these obstacles leave free, each tested; by Dijkstra.
/// Infinity where there is none.
std::vector<double> shortest_ways(const SampleGraph& graph, const Obstacles& obstacles);

} // namespace raphson::optim::tools
