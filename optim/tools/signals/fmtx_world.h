// The world a route is planned in: a box or a map, what stands in it, and what moves.
//
// A world as JSON, of any number of dimensions, boxes along the axes:
//
//   {"box": [[0, 0], [1, 1]], "start": [0.05, 0.05], "goal": [0.95, 0.95], "speed": 0.03,
//    "robot_radius": 0.01,
//    "discs": [{"id": "crane", "centre": [0.5, 0.5], "radius": 0.1}],
//    "boxes": [{"low": [0.2, 0], "high": [0.25, 0.6]}]}
//
// or a PNG map, dark is blocked, whose start and goal are options. Moves as CSV: columns t, id, x, y (one
// coordinate: x; three: x, y, z; more: x1, x2, ...) and, for discs, r; linear between the rows of an id. An
// id of the world moves what bears it, from where it stands until its first row; another id is a disc that is
// not there before its first row. After its last row an id is gone. Of a box, x and y are its centre and r is
// not used. Throws InputError, one line that names the file and the field or line.
#pragma once

#include "optim/tools/signals/fmtx_map.h"

#include <filesystem>
#include <map>
#include <optional>

namespace raphson::optim::tools {

struct PlanningWorld {
  std::string name = {}; ///< of the file, for messages
  Position low = {}, high = {};
  std::optional<OccupancyMap> map = {};
  Obstacles obstacles = {}; ///< as they stand at the start, not grown by the robot's radius
  Position start = {}, goal = {};
  double speed = 0; ///< a unit of time
  double robot_radius = 0;

  int dimension() const { return static_cast<int>(low.size()); }
};

/// What is given here goes before what the file says.
struct WorldOptions {
  Position start = {}, goal = {};
  std::optional<double> speed = {}, robot_radius = {};
  std::optional<double> scale = {}; ///< of a map alone, metres a pixel; 1
};

PlanningWorld read_world(const std::filesystem::path& path, const WorldOptions& options = {});

/// The same of a world's text; `name` stands for the file.
PlanningWorld parse_world(const std::string& json, const std::string& name, const WorldOptions& options = {});

class Moves {
public:
  Moves() = default;
  Moves(std::filesystem::path path, const PlanningWorld& world);

  Obstacles at(double t, const Obstacles& standing) const;
  std::string file_of(const std::string& id, double t) const; ///< where it has the say of this id; empty
  double end() const { return end_; }                         ///< the last row's time; 0 without rows

private:
  struct Pose {
    double t = 0;
    Position centre = {};
    std::optional<double> radius = {};
  };
  static std::optional<Pose> pose(const std::vector<Pose>& poses, double t);

  std::string name_;
  std::map<std::string, std::vector<Pose>> poses_;
  double end_ = 0;
};

/// Throws where the start or the goal lies outside the box, on a blocked pixel of `map` (the world's, grown
/// by the robot's radius) or inside an obstacle, grown as well, that stands there at t = 0.
void check_start_and_goal(const PlanningWorld& world, const OccupancyMap* map, const Moves& moves);

/// x, y, z; above three dimensions x1, x2, ...
std::vector<std::string> coordinate_names(int dimension);

} // namespace raphson::optim::tools
