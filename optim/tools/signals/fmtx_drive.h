// A robot that drives through a world of moving obstacles by FMT^x, tick by tick.
//
// In a tick the obstacles are where the moves have them, the tree is repaired, the robot goes on along its
// way by speed times dt. Its node is the sample of least g + distance within r_n to which the straight line
// is free; where there is none it stays with its last one and waits.
#pragma once

#include "optim/tools/signals/fmtx.h"
#include "optim/tools/signals/fmtx_world.h"

#include <functional>

namespace raphson::optim::tools {

struct DriveOptions {
  int samples = 2000;
  double radius_factor = 1.1;
  EdgeCheck check = EdgeCheck::eager;
  bool whole_tree = false; ///< repair all of the tree, not only what the robot's way needs
  double dt = 1;
  int maximum_ticks = 10000;
  int frames = 6; ///< of the picture
  std::uint64_t seed = 1;
  std::function<void(const std::string&)> progress = {};
};

struct DriveTick {
  double t = 0;
  Position robot = {};
  int node = -1;
  double way = 0; ///< left to the goal; infinite: there is none
  bool waits = false;
  PlanningWork work = {};
  double seconds = 0; ///< of a processor, for update and plan
};

struct DriveFrame { // for pictures
  std::size_t tick = 0;
  Obstacles obstacles = {};
  std::vector<int> parents = {};
  std::vector<Position> route = {}; ///< from the robot to the goal
};

struct Drive {
  std::vector<DriveTick> ticks = {};
  std::vector<DriveFrame> frames = {};
  std::vector<double> samples = {}; ///< coordinates
  double radius = 0;                ///< r_n
  bool arrived = false;
  double driven = 0;
  double clearance = 0; ///< least, from the robot's rim to an obstacle or a blocked pixel; negative: they met
};

/// Throws InputError where the options are out of range.
Drive drive(const PlanningWorld& world, const Moves& moves, const DriveOptions& options);

/// Node 0 the goal, node 1 the start, the rest uniform in the box, off the blocked pixels of the map.
std::vector<double> sample_world(const PlanningWorld& world, const OccupancyMap* map, int count,
                                 std::uint64_t seed);

} // namespace raphson::optim::tools
