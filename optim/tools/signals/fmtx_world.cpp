#include "optim/tools/signals/fmtx_world.h"

#include "dsp/error.h"
#include "dsp/model/json_field.h"
#include "optim/data/folder.h"
#include "optim/data/read_file.h"

#include <algorithm>
#include <cmath>

namespace raphson::optim::tools {
namespace {

using dsp::Field;

constexpr double largest = 1e12; // of any coordinate

Position position(const Field& field, std::size_t dimension) {
  const auto entries = field.entries();
  if (entries.size() != dimension)
    field.fail("it has " + std::to_string(entries.size()) + " numbers, the box has "
               + std::to_string(dimension) + " dimensions");
  Position place;
  for (const Field& entry : entries) place.push_back(entry.number(-largest, largest));
  return place;
}

// Moves name what they move by its id: it must be one obstacle's alone.
std::string read_id(const Field& field, const Obstacles& others) {
  const auto id = field.find("id");
  if (!id) return {};
  const std::string text = id->text();
  if (text.empty()) id->fail("it is empty");
  if (std::any_of(others.begin(), others.end(), [&](const Obstacle& other) { return other.id == text; }))
    id->fail("'" + text + "' is taken already");
  return text;
}

Obstacle read_disc(const Field& field, std::size_t dimension, const Obstacles& others) {
  field.only({"id", "centre", "radius"});
  return {.id = read_id(field, others),
          .kind = Obstacle::Kind::ball,
          .centre = position(field.at("centre"), dimension),
          .radius = field.at("radius").number(0, largest)};
}

Obstacle read_box(const Field& field, std::size_t dimension, const Obstacles& others) {
  field.only({"id", "low", "high"});
  const Position low = position(field.at("low"), dimension), high = position(field.at("high"), dimension);
  Obstacle box{.id = read_id(field, others), .kind = Obstacle::Kind::box};
  for (std::size_t k = 0; k < dimension; ++k) {
    if (low[k] > high[k]) field.at("low").fail("it lies above high");
    box.centre.push_back((low[k] + high[k]) / 2);
    box.half.push_back((high[k] - low[k]) / 2);
  }
  return box;
}

double diagonal(const PlanningWorld& world) { return euclidean(world.low, world.high); }

void apply(const WorldOptions& options, PlanningWorld& world) {
  if (!options.start.empty()) world.start = options.start;
  if (!options.goal.empty()) world.goal = options.goal;
  if (options.robot_radius) world.robot_radius = *options.robot_radius;
  if (options.speed) world.speed = *options.speed;
  for (const auto& [place, option] : {std::pair{world.start, "--start"}, {world.goal, "--goal"}}) {
    if (place.empty()) throw InputError(world.name + " has no start and goal: give --start X,Y --goal X,Y");
    if (std::ssize(place) != world.dimension())
      throw InputError(std::string(option) + " has " + std::to_string(place.size()) + " coordinates, "
                       + world.name + " has " + std::to_string(world.dimension()));
  }
}

std::string text(double value) { return dsp::short_number(std::round(value * 1e6) / 1e6); }

std::string text(const Position& place) {
  std::string out;
  for (const double x : place) out += (out.empty() ? "(" : ", ") + text(x);
  return out + ")";
}

void check_place(const PlanningWorld& world, const OccupancyMap* map, const Moves& moves, const char* which,
                 const Position& place) {
  const std::string name = world.name + ": the " + which + " " + text(place);
  for (std::size_t k = 0; k < place.size(); ++k) {
    if (!std::isfinite(place[k])) throw InputError(name + " is not finite");
    if (place[k] < world.low[k] || place[k] > world.high[k]) throw InputError(name + " lies outside the box");
  }
  if (map && map->blocked(place))
    throw InputError(name + " lies on a blocked pixel of the map"
                     + (world.robot_radius > 0 ? " or nearer to one than the robot's radius" : "")
                     + "; it must be free");
  for (const Obstacle& obstacle : moves.at(0, world.obstacles)) {
    const double depth = -distance(inflated(obstacle, world.robot_radius), place);
    if (depth <= 0) continue;
    const std::string file = moves.file_of(obstacle.id, 0);
    throw InputError(name + " lies " + text(depth) + " deep inside "
                     + (obstacle.id.empty() ? "an obstacle without id" : "obstacle '" + obstacle.id + "'")
                     + (file.empty() ? "" : " of " + file)
                     + (world.robot_radius > 0 ? " (the robot's radius counted in)" : "")
                     + "; it must be free at t = 0");
  }
}

void check_numbers(const PlanningWorld& world) {
  if (!(world.speed > 0) || !std::isfinite(world.speed))
    throw InputError(world.name + ": speed must be above 0");
  if (!(world.robot_radius >= 0) || !std::isfinite(world.robot_radius))
    throw InputError(world.name + ": robot_radius must be at least 0");
  for (std::size_t k = 0; k < world.low.size(); ++k)
    if (!(world.low[k] < world.high[k])) throw InputError(world.name + ": box has no extent");
}

} // namespace

void check_start_and_goal(const PlanningWorld& world, const OccupancyMap* map, const Moves& moves) {
  check_place(world, map, moves, "start", world.start);
  check_place(world, map, moves, "goal", world.goal);
}

PlanningWorld parse_world(const std::string& json, const std::string& name, const WorldOptions& options) {
  const dsp::Json parsed = dsp::parse_json(json, name);
  const Field root(parsed, name);
  root.only({"box", "discs", "boxes", "start", "goal", "speed", "robot_radius"});
  PlanningWorld world{.name = name};
  const auto corners = root.at("box").entries();
  if (corners.size() != 2) root.at("box").fail("two corners are needed, [[x, y], [x, y]]");
  const std::size_t d = corners[0].entries().size();
  world.low = position(corners[0], d);
  world.high = position(corners[1], d);
  if (d == 0) root.at("box").fail("its corners have no coordinates");
  if (const auto discs = root.find("discs"))
    for (const Field& disc : discs->entries()) world.obstacles.push_back(read_disc(disc, d, world.obstacles));
  if (const auto boxes = root.find("boxes"))
    for (const Field& box : boxes->entries()) world.obstacles.push_back(read_box(box, d, world.obstacles));
  if (const auto start = root.find("start")) world.start = position(*start, d);
  if (const auto goal = root.find("goal")) world.goal = position(*goal, d);
  const auto speed = root.find("speed"), radius = root.find("robot_radius");
  world.speed = speed ? speed->number(0, largest) : diagonal(world) / 50;
  if (radius) world.robot_radius = radius->number(0, largest);
  apply(options, world);
  check_numbers(world);
  return world;
}

PlanningWorld read_world(const std::filesystem::path& path, const WorldOptions& options) {
  if (data::lower_case_extension(path) != ".png") {
    if (options.scale)
      throw InputError("--scale is for a PNG map; " + path.string() + " has lengths of its own");
    return parse_world(data::read_file(path), path.string(), options);
  }
  PlanningWorld world{.name = path.string(), .map = read_map(path, options.scale.value_or(1))};
  world.low = {0, 0};
  world.high = {world.map->width(), world.map->height()};
  world.speed = diagonal(world) / 50;
  apply(options, world);
  check_numbers(world);
  return world;
}

} // namespace raphson::optim::tools
