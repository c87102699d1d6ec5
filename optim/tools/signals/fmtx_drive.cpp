#include "optim/tools/signals/fmtx_drive.h"

#include "dsp/error.h"
#include "dsp/model/json_field.h"
#include "optim/engine/processor_time.h"
#include "optim/engine/random.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace raphson::optim::tools {
namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();

Obstacles grown(Obstacles obstacles, double by) {
  for (Obstacle& obstacle : obstacles) obstacle = inflated(std::move(obstacle), by);
  return obstacles;
}

double volume(const PlanningWorld& world) {
  double product = 1;
  for (int k = 0; k < world.dimension(); ++k) product *= world.high[k] - world.low[k];
  return product;
}

// An edge takes about 30 bytes. With r_n's formula a ball holds (2 f)^d / d ln n samples where they fill the
// box.
void check_edges(const PlanningWorld& world, const OccupancyMap* map, const DriveOptions& options) {
  constexpr double most_edges = 2e8;
  const double d = world.dimension(), n = options.samples;
  const double free = map ? static_cast<double>(map->free_pixels().size()) / map->rows() / map->columns() : 1;
  const double neighbours = std::pow(2 * options.radius_factor, d) / d * std::log(n) / free;
  const double edges = n * std::min(n - 1, neighbours);
  if (edges <= most_edges) return;
  throw InputError("--samples " + std::to_string(options.samples) + " with --radius-factor "
                   + dsp::short_number(options.radius_factor) + " would make about "
                   + std::to_string(static_cast<long>(edges / 1e6))
                   + " million edges, at most 200 million: fewer samples or a smaller factor");
}

class Driver {
public:
  /// map: the world's, grown by the robot's radius.
  Driver(const PlanningWorld& world, const OccupancyMap* map, const Moves& moves, const DriveOptions& options)
      : world_(world), moves_(moves), options_(options), map_(map),
        graph_(sample_world(world, map, options.samples, options.seed), world.dimension(),
               connection_radius(options.samples, world.dimension(), volume(world), options.radius_factor),
               map),
        planner_(graph_, options.check), robot_(world.start) {
    result_.clearance = infinity;
    result_.radius = graph_.radius;
  }

  Drive run() {
    for (int k = 0; k < options_.maximum_ticks && !result_.arrived; ++k) {
      const double t = k * options_.dt;
      tick(t);
      if (options_.progress) options_.progress("t = " + std::to_string(t));
      if (t > moves_.end() && result_.ticks.back().waits) break; // nothing will change any more
    }
    result_.samples = graph_.points;
    return std::move(result_);
  }

private:
  void tick(double t) {
    const Obstacles real = moves_.at(t, world_.obstacles);
    obstacles_ = grown(real, world_.robot_radius);
    const PlanningWork before = planner_.work();
    const double begin = processor_seconds();
    planner_.update(obstacles_);
    const bool visible = settle_node();
    const double seconds = processor_seconds() - begin;
    const double way = visible ? planner_.cost(node_) + euclidean(robot_, graph_.point(node_)) : infinity;
    result_.ticks.push_back({t, robot_, node_, way, way == infinity, planner_.work().since(before), seconds});
    keep_frame(visible);
    if (!result_.ticks.back().waits)
      go(world_.speed * options_.dt, real);
    else
      measure(robot_, real);
  }

  // The node that the way is planned for is chosen by costs that planning may lower: until they agree. After
  // an early exit nodes that cost more than this one are not settled, and one of them that would be better
  // with the distance to it counted in may be passed over.
  bool settle_node() {
    for (;;) {
      planner_.plan(options_.whole_tree ? std::nullopt : std::optional<int>(node_));
      const int best = best_node();
      if (best < 0) return false;
      if (best == node_) return true;
      node_ = best;
      if (options_.whole_tree) return true;
    }
  }

  int best_node() {
    graph_.tree.within(robot_, graph_.radius, near_);
    const auto cost = [&](int node) { return planner_.cost(node) + euclidean(robot_, graph_.point(node)); };
    int best = -1;
    const auto consider = [&](int node) {
      if (cost(node) == infinity || (best >= 0 && cost(node) >= cost(best))) return;
      if (sees(graph_.point(node))) best = node;
    };
    if (euclidean(robot_, graph_.point(node_)) <= graph_.radius) consider(node_); // of equals the last one
    for (const int node : near_) consider(node);
    return best;
  }

  bool sees(PositionView place) const {
    return std::none_of(obstacles_.begin(), obstacles_.end(),
                        [&](const Obstacle& obstacle) { return bars(obstacle, place); })
           && (!map_ || map_->line_free(robot_, place));
  }

  // One that has come within its reach bars only the lines that lead deeper into it, or the robot would stand
  // beside it for ever.
  bool bars(const Obstacle& obstacle, PositionView place) const {
    if (!contains(obstacle, robot_)) return blocks(obstacle, robot_, place);
    return tools::clearance({obstacle}, robot_, place) < distance(obstacle, robot_);
  }

  void go(double left, const Obstacles& real) {
    for (const int node : planner_.path(node_)) {
      const Position from = robot_;
      const PositionView to = graph_.point(node);
      const double length = euclidean(from, to), share = length > left ? left / length : 1;
      for (std::size_t k = 0; k < from.size(); ++k) robot_[k] += share * (to[k] - from[k]);
      if (share == 1) robot_.assign(to.begin(), to.end());
      result_.driven += share * length;
      left -= share * length;
      node_ = node;
      measure(from, real);
      if (share < 1) return;
    }
    result_.arrived = true;
    const double t = result_.ticks.back().t + options_.dt - left / world_.speed;
    result_.ticks.push_back({t, robot_, 0, 0, false, {}, 0});
  }

  // Of the way from there to where the robot is now.
  void measure(const Position& from, const Obstacles& real) {
    result_.clearance =
        std::min(result_.clearance, tools::clearance(real, from, robot_) - world_.robot_radius);
    if (!world_.map) return;
    const int steps = 1 + static_cast<int>(2 * euclidean(from, robot_) / world_.map->scale());
    Position place = from;
    for (int s = 0; s <= steps; ++s) {
      for (std::size_t k = 0; k < from.size(); ++k) place[k] = from[k] + s * (robot_[k] - from[k]) / steps;
      result_.clearance = std::min(result_.clearance, world_.map->clearance(place) - world_.robot_radius);
    }
  }

  // Every stride-th tick; where there are twice as many as are wanted, every second goes.
  void keep_frame(bool visible) {
    const std::size_t tick = result_.ticks.size() - 1;
    if (tick % stride_ != 0) return;
    DriveFrame frame{tick, moves_.at(result_.ticks.back().t, world_.obstacles), {}, {}};
    for (int node = 0; node < graph_.size(); ++node) frame.parents.push_back(planner_.tree().parent(node));
    if (visible) {
      frame.route.push_back(robot_);
      for (const int node : planner_.path(node_))
        frame.route.emplace_back(graph_.point(node).begin(), graph_.point(node).end());
    }
    result_.frames.push_back(std::move(frame));
    if (std::ssize(result_.frames) < 2 * options_.frames) return;
    stride_ *= 2;
    std::erase_if(result_.frames, [&](const DriveFrame& kept) { return kept.tick % stride_ != 0; });
  }

  const PlanningWorld& world_;
  const Moves& moves_;
  const DriveOptions& options_;
  const OccupancyMap* map_;
  SampleGraph graph_;
  FmtX planner_;
  Position robot_;
  int node_ = 1;
  Obstacles obstacles_; // grown
  std::vector<int> near_;
  std::size_t stride_ = 1;
  Drive result_;
};

} // namespace

std::vector<double> sample_world(const PlanningWorld& world, const OccupancyMap* map, int count,
                                 std::uint64_t seed) {
  RandomStream random(seed, "fmtx samples");
  std::vector<double> points = world.goal;
  points.insert(points.end(), world.start.begin(), world.start.end());
  const std::vector<int> free = map ? map->free_pixels() : std::vector<int>{};
  for (int i = 2; i < count; ++i) {
    if (map) { // somewhere in a free pixel
      const int pixel = free[random.index(free.size())], row = pixel / map->columns();
      points.push_back((pixel % map->columns() + random.uniform()) * map->scale());
      points.push_back((map->rows() - 1 - row + random.uniform()) * map->scale());
    } else {
      for (int k = 0; k < world.dimension(); ++k)
        points.push_back(random.uniform(world.low[k], world.high[k]));
    }
  }
  return points;
}

Drive drive(const PlanningWorld& world, const Moves& moves, const DriveOptions& options) {
  if (options.samples < 10)
    throw InputError("--samples " + std::to_string(options.samples) + ": at least 10 are needed");
  if (!(options.radius_factor > 0) || !std::isfinite(options.radius_factor))
    throw InputError("--radius-factor must be above 0 (above 1 for the way to become the shortest)");
  if (!(options.dt > 0) || !std::isfinite(options.dt)) throw InputError("--dt must be above 0");
  std::optional<OccupancyMap> grown_map;
  if (world.map) grown_map = world.map->inflated(world.robot_radius, world.name);
  const OccupancyMap* map = grown_map ? &*grown_map : nullptr;
  check_start_and_goal(world, map, moves);
  check_edges(world, map, options);
  return Driver(world, map, moves, options).run();
}

} // namespace raphson::optim::tools
