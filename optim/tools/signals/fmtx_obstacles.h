// Obstacles of a path planner, of any number of dimensions: balls (discs in the plane) and boxes along the
// axes. Their insides are blocked, their surfaces are not.
#pragma once

#include <span>
#include <string>
#include <vector>

namespace raphson::optim::tools {

using Position = std::vector<double>;
using PositionView = std::span<const double>;

struct Obstacle {
  enum class Kind { ball, box };
  std::string id = {};
  Kind kind = Kind::ball;
  Position centre = {};
  double radius = 0;  ///< of a ball
  Position half = {}; ///< of a box: half its sides
  bool operator==(const Obstacle&) const = default;
};

using Obstacles = std::vector<Obstacle>;

/// Grown for a robot of this radius: a box grows along its axes, corners included, a little more than it
/// must.
Obstacle inflated(Obstacle obstacle, double by);

/// The radius of the smallest ball about its centre that holds it.
double bounding_radius(const Obstacle& obstacle);

/// From the point to the surface, negative inside.
double distance(const Obstacle& obstacle, PositionView point);

bool contains(const Obstacle& obstacle, PositionView point);
bool blocks(const Obstacle& obstacle, PositionView a, PositionView b); ///< the straight line from a to b

bool inside_any(const Obstacles& obstacles, PositionView point);
bool line_free(const Obstacles& obstacles, PositionView a, PositionView b);

/// The least distance along the straight line; infinity without obstacles.
double clearance(const Obstacles& obstacles, PositionView a, PositionView b);

double euclidean(PositionView a, PositionView b);

} // namespace raphson::optim::tools
