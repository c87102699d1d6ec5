#include "optim/tools/signals/fmtx_world.h"

#include "dsp/error.h"
#include "optim/data/csv.h"

#include <algorithm>

namespace raphson::optim::tools {

std::vector<std::string> coordinate_names(int dimension) {
  std::vector<std::string> names;
  for (int k = 0; k < dimension; ++k)
    names.push_back(dimension <= 3 ? std::string(1, "xyz"[k]) : "x" + std::to_string(k + 1));
  return names;
}

Moves::Moves(std::filesystem::path path, const PlanningWorld& world) : name_(path.string()) {
  const data::CsvTable table = data::read_csv(path);
  const auto names = coordinate_names(world.dimension());
  const bool radii = table.has_column("r");
  for (std::size_t row = 0; row < table.rows(); ++row) {
    const std::string where = name_ + ", line " + std::to_string(row + 2) + ": ";
    const std::string& id = table.text(row, "id");
    Pose pose{.t = table.number(row, "t")};
    for (const std::string& name : names) pose.centre.push_back(table.number(row, name));
    if (radii) pose.radius = table.number(row, "r");
    if (pose.radius && *pose.radius < 0) throw InputError(where + "r is negative");
    const bool known = std::any_of(world.obstacles.begin(), world.obstacles.end(),
                                   [&](const Obstacle& obstacle) { return obstacle.id == id; });
    if (!known && !radii)
      throw InputError(where + "'" + id + "' is not in " + world.name
                       + ": a disc that the moves bring in needs a column r");
    auto& poses = poses_[id];
    if (!poses.empty() && pose.t <= poses.back().t)
      throw InputError(where + "t does not rise within '" + id + "': rows of an id must be sorted by time");
    end_ = std::max(end_, pose.t);
    poses.push_back(std::move(pose));
  }
}

std::optional<Moves::Pose> Moves::pose(const std::vector<Pose>& poses, double t) {
  if (t < poses.front().t || t > poses.back().t) return {};
  const auto after = std::lower_bound(poses.begin(), poses.end(), t,
                                      [](const Pose& pose, double time) { return pose.t < time; });
  if (after->t == t) return *after;
  const Pose& from = *(after - 1);
  const double share = (t - from.t) / (after->t - from.t);
  Pose between = from;
  between.t = t;
  for (std::size_t k = 0; k < between.centre.size(); ++k)
    between.centre[k] += share * (after->centre[k] - from.centre[k]);
  if (from.radius) between.radius = *from.radius + share * (*after->radius - *from.radius);
  return between;
}

std::string Moves::file_of(const std::string& id, double t) const {
  const auto moves = poses_.find(id);
  return moves != poses_.end() && t >= moves->second.front().t ? name_ : "";
}

Obstacles Moves::at(double t, const Obstacles& standing) const {
  Obstacles now;
  for (Obstacle obstacle : standing) {
    const auto moves = poses_.find(obstacle.id);
    if (moves != poses_.end() && t >= moves->second.front().t) {
      const auto there = pose(moves->second, t);
      if (!there) continue;
      obstacle.centre = there->centre;
      if (there->radius && obstacle.kind == Obstacle::Kind::ball) obstacle.radius = *there->radius;
    }
    now.push_back(std::move(obstacle));
  }
  for (const auto& [id, poses] : poses_) {
    const bool stands = std::any_of(standing.begin(), standing.end(),
                                    [&](const Obstacle& obstacle) { return obstacle.id == id; });
    if (stands) continue;
    if (const auto there = pose(poses, t))
      now.push_back({.id = id, .centre = there->centre, .radius = *there->radius});
  }
  return now;
}

} // namespace raphson::optim::tools
