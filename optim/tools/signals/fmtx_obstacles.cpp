#include "optim/tools/signals/fmtx_obstacles.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace raphson::optim::tools {
namespace {

double square(double x) { return x * x; }

bool ball_blocks(const Obstacle& ball, PositionView a, PositionView b) {
  double along = 0, length = 0;
  for (std::size_t k = 0; k < a.size(); ++k) {
    along += (ball.centre[k] - a[k]) * (b[k] - a[k]);
    length += square(b[k] - a[k]);
  }
  const double t = length > 0 ? std::clamp(along / length, 0.0, 1.0) : 0;
  double squared = 0;
  for (std::size_t k = 0; k < a.size(); ++k) squared += square(a[k] + t * (b[k] - a[k]) - ball.centre[k]);
  return squared < square(ball.radius);
}

// The slabs of the axes, cut one after the other from the line; what is left lies inside.
bool box_blocks(const Obstacle& box, PositionView a, PositionView b) {
  double low = 0, high = 1;
  for (std::size_t k = 0; k < a.size(); ++k) {
    const double offset = a[k] - box.centre[k], direction = b[k] - a[k];
    if (direction == 0) {
      if (std::abs(offset) >= box.half[k]) return false;
      continue;
    }
    const double enter = (-std::copysign(box.half[k], direction) - offset) / direction;
    const double leave = (std::copysign(box.half[k], direction) - offset) / direction;
    low = std::max(low, enter);
    high = std::min(high, leave);
  }
  return low < high || (low == high && contains(box, a));
}

double box_distance(const Obstacle& box, PositionView point) {
  double outside = 0, inside = -std::numeric_limits<double>::infinity();
  for (std::size_t k = 0; k < point.size(); ++k) {
    const double beyond = std::abs(point[k] - box.centre[k]) - box.half[k];
    outside += square(std::max(0.0, beyond));
    inside = std::max(inside, beyond);
  }
  return outside > 0 ? std::sqrt(outside) : inside;
}

// The signed distance to a convex set is convex along a line: a golden-section search finds its least.
double line_distance(const Obstacle& obstacle, PositionView a, PositionView b) {
  Position point(a.size());
  const auto at = [&](double t) {
    for (std::size_t k = 0; k < a.size(); ++k) point[k] = a[k] + t * (b[k] - a[k]);
    return distance(obstacle, point);
  };
  const double golden = (std::sqrt(5.0) - 1) / 2;
  double low = 0, high = 1, least = std::min(at(0), at(1));
  for (int step = 0; step < 60; ++step) {
    const double left = high - golden * (high - low), right = low + golden * (high - low);
    const double at_left = at(left), at_right = at(right);
    least = std::min({least, at_left, at_right});
    (at_left <= at_right ? high : low) = at_left <= at_right ? right : left;
  }
  return least;
}

} // namespace

Obstacle inflated(Obstacle obstacle, double by) {
  obstacle.radius += by;
  for (double& half : obstacle.half) half += by;
  return obstacle;
}

double bounding_radius(const Obstacle& obstacle) {
  if (obstacle.kind == Obstacle::Kind::ball) return obstacle.radius;
  double sum = 0;
  for (const double half : obstacle.half) sum += square(half);
  return std::sqrt(sum);
}

double distance(const Obstacle& obstacle, PositionView point) {
  if (obstacle.kind == Obstacle::Kind::box) return box_distance(obstacle, point);
  return euclidean(obstacle.centre, point) - obstacle.radius;
}

bool contains(const Obstacle& obstacle, PositionView point) {
  if (obstacle.kind == Obstacle::Kind::box) return box_distance(obstacle, point) < 0;
  double squared = 0;
  for (std::size_t k = 0; k < point.size(); ++k) squared += square(point[k] - obstacle.centre[k]);
  return squared < square(obstacle.radius);
}

bool blocks(const Obstacle& obstacle, PositionView a, PositionView b) {
  return obstacle.kind == Obstacle::Kind::box ? box_blocks(obstacle, a, b) : ball_blocks(obstacle, a, b);
}

bool inside_any(const Obstacles& obstacles, PositionView point) {
  return std::any_of(obstacles.begin(), obstacles.end(),
                     [&](const Obstacle& obstacle) { return contains(obstacle, point); });
}

bool line_free(const Obstacles& obstacles, PositionView a, PositionView b) {
  return std::none_of(obstacles.begin(), obstacles.end(),
                      [&](const Obstacle& obstacle) { return blocks(obstacle, a, b); });
}

double clearance(const Obstacles& obstacles, PositionView a, PositionView b) {
  double least = std::numeric_limits<double>::infinity();
  for (const Obstacle& obstacle : obstacles) least = std::min(least, line_distance(obstacle, a, b));
  return least;
}

double euclidean(PositionView a, PositionView b) {
  double squared = 0;
  for (std::size_t k = 0; k < a.size(); ++k) squared += square(a[k] - b[k]);
  return std::sqrt(squared);
}

} // namespace raphson::optim::tools
