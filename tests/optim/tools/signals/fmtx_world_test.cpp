#include "optim/tools/signals/fmtx_world.h"

#include "catch.h"
#include "dsp/error.h"
#include "optim/data/png_image.h"
#include "optim/data/scratch_folder.h"
#include "optim/engine/random.h"
#include "optim/tools/signals/fmtx_report.h"

#include <cmath>
#include <fstream>

using namespace raphson;
using namespace raphson::optim;
using namespace raphson::optim::tools;
using Catch::Matchers::Contains;

namespace {

std::string world_text(const std::string& change = {}) {
  return R"({"box": [[0, 0], [10, 10]], "start": [1, 1], "goal": [9, 9], "speed": 1,
    "discs": [{"id": "crane", "centre": [5, 5], "radius": 1}])"
         + change + "}";
}

void write(const std::filesystem::path& path, const std::string& text) { std::ofstream(path) << text; }

/// Whether any of many points along the line is inside.
template <class Inside> bool meets(const Position& a, const Position& b, const Inside& inside) {
  constexpr int steps = 4000;
  for (int s = 0; s <= steps; ++s) {
    Position place(a.size());
    for (std::size_t k = 0; k < a.size(); ++k) place[k] = a[k] + s * (b[k] - a[k]) / steps;
    if (inside(place)) return true;
  }
  return false;
}

} // namespace

TEST_CASE("Lines against balls and boxes: as looking along them, in two and three dimensions") {
  RandomStream random(1, "obstacle test");
  int blocked = 0;
  for (int k = 0; k < 600; ++k) {
    const std::size_t d = 2 + k % 2;
    const auto place = [&] {
      Position p(d);
      for (double& x : p) x = random.uniform(0, 1);
      return p;
    };
    Obstacle o{.kind = k % 4 < 2 ? Obstacle::Kind::ball : Obstacle::Kind::box,
               .centre = place(),
               .radius = 0.25,
               .half = {0.2, 0.1, 0.3}};
    o.half.resize(d);
    Position a = place(), b = place();
    if (k % 10 == 0) b[0] = a[0]; // along an axis
    const bool met = meets(a, b, [&](const Position& p) { return contains(o, p); });
    // A line that only grazes: between two of the points.
    if (blocks(o, a, b) != met) {
      CHECK_FALSE(met);
      CHECK(clearance({o}, a, b) > -1e-5);
    }
    blocked += met;
    const double d_at = distance(o, a);
    CHECK((d_at < 0) == contains(o, a));
    double least = INFINITY;
    meets(a, b, [&](const Position& p) { return least = std::min(least, distance(o, p)), false; });
    CHECK(clearance({o}, a, b) == Approx(least).margin(1e-3));
    CHECK(clearance({o}, a, b) <= least + 1e-9);
  }
  CHECK(blocked > 100);
  CHECK(blocked < 500);
}

TEST_CASE("An occupancy map: lines cross pixels as looking along them says, and no corner between two") {
  RandomStream random(2, "map test");
  std::vector<std::uint8_t> pixels(30 * 40);
  for (auto& p : pixels) p = random.uniform() < 0.12;
  const OccupancyMap map(30, 40, 0.5, pixels, "map");
  CHECK(map.width() == 20);
  CHECK(map.height() == 15);
  int free_lines = 0;
  for (int k = 0; k < 3000; ++k) {
    const Position a{random.uniform(0, 20), random.uniform(0, 15)};
    const Position b{std::clamp(a[0] + random.uniform(-3, 3), 0.01, 19.99),
                     std::clamp(a[1] + random.uniform(-3, 3), 0.01, 14.99)};
    const bool met = meets(a, b, [&](const Position& p) { return map.blocked(p); });
    if (met) CHECK_FALSE(map.line_free(a, b));
    // What the points along it missed is a pixel's corner.
    if (!met && !map.line_free(a, b)) CHECK(map.clearance(a) < 4);
    if (!met) CHECK(map.line_free(a, b) == map.line_free(b, a));
    free_lines += map.line_free(a, b);
  }
  CHECK(free_lines > 300);
  // 2 x 2, the two on the rising diagonal free: nothing gets through their corner.
  const OccupancyMap corner(2, 2, 1, {1, 0, 0, 1}, "map");
  CHECK_FALSE(corner.blocked(Position{0.5, 0.5}));
  CHECK_FALSE(corner.blocked(Position{1.5, 1.5}));
  CHECK(corner.blocked(Position{0.5, 1.5}));
  CHECK_FALSE(corner.line_free(Position{0.5, 0.5}, Position{1.5, 1.5}));
  CHECK(corner.blocked(Position{-0.1, 0.5}));
}

TEST_CASE("An occupancy map: clearance and growth by a robot's radius, by looking at every pixel") {
  RandomStream random(3, "map test");
  std::vector<std::uint8_t> pixels(20 * 20);
  for (auto& p : pixels) p = random.uniform() < 0.03;
  const OccupancyMap map(20, 20, 1, pixels, "map");
  const OccupancyMap grown = map.inflated(1.3, "map");
  const auto pixel_gap = [](double x, int column) { return std::max({column - x, x - column - 1, 0.0}); };
  for (int k = 0; k < 400; ++k) {
    const Position place{random.uniform(0, 20), random.uniform(0, 20)};
    double least = std::min({place[0], place[1], 20 - place[0], 20 - place[1]});
    for (int r = 0; r < 20; ++r)
      for (int c = 0; c < 20; ++c)
        if (map.blocked(r, c))
          least = std::min(least, std::hypot(pixel_gap(place[0], c), pixel_gap(place[1], 19 - r)));
    CHECK(map.clearance(place) == Approx(least).margin(1e-12));
    if (least < 1.3) continue;
    const auto reach = [&](int r, int c) { // of the pixel of the place
      double nearest = std::min({c, r, 19 - c, 19 - r});
      for (int y = 0; y < 20; ++y)
        for (int x = 0; x < 20; ++x)
          if (map.blocked(y, x))
            nearest = std::min(
                nearest, std::hypot(std::max(0, std::abs(x - c) - 1), std::max(0, std::abs(y - r) - 1)));
      return nearest;
    };
    const int c = static_cast<int>(place[0]), r = 19 - static_cast<int>(place[1]);
    CHECK(grown.blocked(r, c) == (reach(r, c) < 1.3));
  }
}

TEST_CASE("A world and its moves: linear in between, gone after the last row") {
  ScratchFolder folder;
  const PlanningWorld world = parse_world(world_text(R"(, "boxes": [{"low": [2, 3], "high": [4, 9]}])"), "w");
  REQUIRE(world.obstacles.size() == 2);
  CHECK(world.obstacles[1].centre == Position{3, 6});
  CHECK(world.obstacles[1].half == Position{1, 3});
  write(folder / "m.csv", "t,id,x,y,r\n2,crane,5,5,1\n4,crane,7,5,2\n1,cart,1,2,0.5\n3,cart,1,4,0.5\n");
  const Moves moves(folder / "m.csv", world);
  CHECK(moves.end() == 4);
  CHECK(moves.at(0, world.obstacles) == world.obstacles); // before its first row it stands
  const Obstacles at3 = moves.at(3, world.obstacles);
  REQUIRE(at3.size() == 3);
  CHECK(at3[0].centre == Position{6, 5});
  CHECK(at3[0].radius == 1.5);
  CHECK(at3[2].centre == Position{1, 4});
  CHECK(moves.at(3.5, world.obstacles).size() == 2); // the cart has gone
  CHECK(moves.at(5, world.obstacles).size() == 1);   // and the crane
}

TEST_CASE("Worlds that are wrong are refused in one line") {
  const auto refused = [](const std::string& text, const std::string& line) {
    CHECK_THROWS_WITH(parse_world(text, "w.json"), Contains(line));
  };
  refused("[1, 2", "w.json: cut off at byte 5");
  refused("[1, 2]", "must be an object");
  refused(world_text(R"(, "disc": [])"), "unknown field");
  refused(world_text(R"(, "boxes": [{"low": [2, 3, 4], "high": [4, 9]}])"),
          "boxes[0].low: it has 3 numbers, the box has 2 dimensions");
  refused(R"({"box": [[0, 0], [1, 1]], "goal": [1, 1]})", "--start");
  refused(R"({"box": [[0, 0], [1, 1]], "start": [0, 0], "goal": [1, 1],
    "discs": [{"centre": [0.5, 0.5], "radius": -1}]})",
          "discs[0].radius");
  refused(R"({"box": [[0, 0], [1, 1]], "start": [0, 1e999], "goal": [1, 1]})", "a number too large");
  refused(world_text(R"(, "boxes": [{"id": "crane", "low": [2, 3], "high": [4, 9]}])"),
          "boxes[0].id: 'crane' is taken already");
  refused(R"({"box": [[0, 0], [1, 1]], "start": [0, 0], "goal": [1, 1], "speed": 0})",
          "speed must be above 0");
  refused(R"({"box": [[0, 0], [1, 0]], "start": [0, 0], "goal": [1, 0]})", "box has no extent");
}

TEST_CASE("A start or goal that is not free at t = 0 is refused, with who stands there and how deep") {
  ScratchFolder folder;
  const auto refused = [](const std::string& text, const std::string& line, const Moves& moves = {}) {
    CHECK_THROWS_WITH(drive(parse_world(text, "w.json"), moves, {.samples = 10}), Contains(line));
  };
  const std::string hut = R"({"box": [[0, 0], [1, 1]], "start": [0.5, 0.5], "goal": [1, 1],
    "discs": [{"id": "hut", "centre": [0.5, 0.6], "radius": 0.3}]})";
  refused(hut, "w.json: the start (0.5, 0.5) lies 0.2 deep inside obstacle 'hut'; it must be free at t = 0");
  refused(R"({"box": [[0, 0], [1, 1]], "start": [0, 0], "goal": [0.5, 0.5], "robot_radius": 0.05,
    "boxes": [{"low": [0.4, 0.4], "high": [0.6, 0.9]}]})",
          "goal (0.5, 0.5) lies 0.15 deep");
  refused(R"({"box": [[0, 0], [1, 1]], "start": [0, 0], "goal": [2, 2]})", "outside the box");
  // What the moves bring in counts, and what they have moved away does not.
  const PlanningWorld world = parse_world(world_text(), "w.json");
  write(folder / "on.csv", "t,id,x,y,r\n0,cart,1,1.5,1\n5,cart,1,1.5,1\n");
  refused(world_text(), "the start (1, 1) lies 0.5 deep inside obstacle 'cart' of ",
          Moves(folder / "on.csv", world));
  write(folder / "late.csv", "t,id,x,y,r\n1,cart,1,1.5,1\n5,cart,1,1.5,1\n");
  CHECK_NOTHROW(drive(world, Moves(folder / "late.csv", world), {.samples = 10, .maximum_ticks = 1}));
  const PlanningWorld covered = parse_world(hut, "w.json");
  write(folder / "away.csv", "t,id,x,y\n-1,hut,0.1,0.1\n5,hut,0.1,0.1\n");
  CHECK_NOTHROW(drive(covered, Moves(folder / "away.csv", covered), {.samples = 10, .maximum_ticks = 1}));
}

TEST_CASE("Moves, maps and options that are wrong are refused in one line") {
  ScratchFolder folder;
  const PlanningWorld world = parse_world(world_text(), "w.json");
  const auto refused = [&](const std::string& rows, const std::string& line) {
    write(folder / "m.csv", rows);
    CHECK_THROWS_WITH(Moves(folder / "m.csv", world), Contains(line));
  };
  refused("t,id,x,y\n2,crane,1,1\n1,crane,2,2\n", "line 3: t does not rise within 'crane'");
  refused("t,id,x,y\n2,cart,1,1\n", "needs a column r");
  refused("t,id,x,y,r\n2,cart,1,1,-1\n", "line 2: r is negative");
  refused("t,id,x,y,r\n2,cart,nan,1,1\n", "line 2");
  refused("t,id,x\n2,crane,1\n", "y");
  refused("t,id,x,y\n2,,1,1\n", "line 2: column 'id' is empty");
  data::write_png(folder / "dark.png", data::grey_image(data::RowMatrix::Zero(4, 4)));
  CHECK_THROWS_WITH(read_world(folder / "dark.png", {.start = {1, 1}, .goal = {2, 2}}),
                    Contains("dark.png has no free pixel"));
  data::RowMatrix half = data::RowMatrix::Ones(4, 4);
  half.leftCols(2).setZero();
  data::write_png(folder / "half.png", data::grey_image(half));
  const auto half_world = [&](double robot_radius) {
    return read_world(folder / "half.png",
                      {.start = {1, 1}, .goal = {3, 1}, .robot_radius = robot_radius, .scale = 1});
  };
  CHECK_THROWS_WITH(drive(half_world(0), {}, {}), Contains("start (1, 1) lies on a blocked pixel"));
  CHECK_THROWS_WITH(drive(half_world(1.5), {}, {}),
                    Contains("grown by the robot's radius, has no free pixel"));
  CHECK_THROWS_WITH(read_world(folder / "half.png"), Contains("give --start X,Y --goal X,Y"));
  write(folder / "w.json", world_text());
  CHECK_THROWS_WITH(read_world(folder / "w.json", {.scale = 2}), Contains("--scale is for a PNG map"));
  CHECK_THROWS_WITH(drive(world, {}, {.samples = 9}), Contains("at least 10"));
  CHECK_THROWS_WITH(drive(world, {}, {.radius_factor = 0}), Contains("--radius-factor must be above 0"));
  // Refused before any memory is asked for: each of 20,000 samples beside each.
  CHECK_THROWS_WITH(drive(world, {}, {.samples = 20000, .radius_factor = 1e9}),
                    Contains("about 399 million edges"));
}

TEST_CASE(
    "A drive past a disc: the clearance is from the robot's rim, the node the one that is nearest by way") {
  // Straight on from (0, 0) to (10, 0): three from the centre, less the radius and the robot's, at most; and
  // the ways through samples wind by little.
  const PlanningWorld world = parse_world(R"({"box": [[0, -3], [10, 4]], "start": [0, 0], "goal": [10, 0],
    "speed": 0.5, "robot_radius": 0.5, "discs": [{"centre": [5, 3], "radius": 1}]})",
                                          "w");
  const Drive trip = drive(world, {}, {.samples = 1000});
  REQUIRE(trip.arrived);
  CHECK(trip.clearance <= 1.5 + 1e-9);
  CHECK(trip.clearance > 1);
  CHECK(trip.driven < 10.3);
  CHECK(trip.ticks.back().t == Approx(trip.driven / world.speed)); // arrival, not the tick's end
  // At each tick no sample that is seen gives a shorter way than the one it goes by.
  const SampleGraph graph(trip.samples, 2, trip.radius);
  FmtX planner(graph, EdgeCheck::eager);
  Obstacles grown{inflated(world.obstacles[0], world.robot_radius)};
  planner.update(grown);
  planner.plan();
  for (std::size_t k = 0; k + 1 < trip.ticks.size(); ++k) {
    double shortest = INFINITY;
    for (int node = 0; node < graph.size(); ++node) {
      const double length = euclidean(trip.ticks[k].robot, graph.point(node));
      if (length <= trip.radius && line_free(grown, trip.ticks[k].robot, graph.point(node)))
        shortest = std::min(shortest, planner.cost(node) + length);
    }
    CHECK(trip.ticks[k].way <= shortest + 1e-9);
  }
}

TEST_CASE("A robot that an obstacle has come too near to drives away from it") {
  ScratchFolder folder;
  const PlanningWorld world = parse_world(R"({"box": [[0, 0], [10, 10]], "start": [2, 5], "goal": [9, 5],
    "speed": 0.1, "robot_radius": 0.5})",
                                          "w");
  // A disc comes up from behind and stays, 0.2 nearer than the robot's radius allows.
  write(folder / "m.csv", "t,id,x,y,r\n0,disc,0.2,5,1\n1,disc,0.9,5,1\n200,disc,0.9,5,1\n");
  const Moves moves(folder / "m.csv", world);
  const Drive trip = drive(world, moves, {.samples = 500});
  CHECK(trip.clearance < 0);
  CHECK(trip.arrived);
}

TEST_CASE("Where nothing moves and no way is found, more samples are named as what may help") {
  const PlanningWorld world = parse_world(world_text(), "w");
  const DriveOptions options{.samples = 10, .radius_factor = 0.01};
  const auto report = drive_report(world, drive(world, {}, options), options, false);
  REQUIRE(report.warnings.size() == 1);
  CHECK_THAT(report.warnings[0], Contains("--samples") && Contains("--radius-factor"));
}

TEST_CASE("A drive: around a disc to the goal, by speed times dt, waiting while the goal is covered") {
  ScratchFolder folder;
  const PlanningWorld world = parse_world(world_text(R"(, "robot_radius": 0.2)"), "w.json");
  write(folder / "m.csv", "t,id,x,y,r\n4,lid,9,9,0.5\n20,lid,9,9,0.5\n");
  const Moves moves(folder / "m.csv", world);
  for (const bool whole : {false, true}) {
    const DriveOptions options{.samples = 600, .whole_tree = whole};
    const Drive trip = drive(world, moves, options);
    REQUIRE(trip.arrived);
    CHECK(trip.driven > std::hypot(8, 8));
    CHECK(trip.driven < 13.5);
    CHECK(trip.clearance >= -1e-9);
    for (std::size_t k = 1; k < trip.ticks.size(); ++k) {
      const double step = euclidean(trip.ticks[k].robot, trip.ticks[k - 1].robot);
      CHECK(step <= world.speed + 1e-9);
      if (trip.ticks[k - 1].waits) CHECK(step == 0);
      CHECK(trip.ticks[k].waits == (trip.ticks[k].t >= 4 && trip.ticks[k].t <= 20));
    }
    const auto report = drive_report(world, trip, options, true);
    REQUIRE(report.warnings.size() == 1);
    CHECK(report.warnings[0] == "no way to the goal from t = 4 to t = 20: the robot waits");
  }
}

TEST_CASE("A drive by a map goes where its pixels are free") {
  ScratchFolder folder;
  data::RowMatrix levels = data::RowMatrix::Ones(20, 20);
  levels.block(4, 10, 16, 1).setZero(); // a wall with a way round at the top
  data::write_png(folder / "map.png", data::grey_image(levels));
  const PlanningWorld world =
      read_world(folder / "map.png", {.start = {2, 2}, .goal = {18, 2}, .speed = 2, .scale = 1});
  const Drive trip = drive(world, {}, {.samples = 500});
  REQUIRE(trip.arrived);
  CHECK(trip.driven > 2 * std::hypot(8, 14)); // over the wall's end
  CHECK(trip.clearance >= 0);
  for (const DriveTick& tick : trip.ticks) CHECK_FALSE(world.map->blocked(tick.robot));
}
