#include "optim/tools/signals/fmtx.h"

#include "catch.h"
#include "optim/engine/random.h"
#include "optim/tools/signals/fmt_star.h"
#include "optim/tools/signals/fmtx_demo.h"
#include "optim/tools/signals/fmtx_demo_parts.h"
#include "optim/tools/signals/fmtx_drive.h"
#include "optim/tools/signals/rrtx.h"
#include "tool_demo.h"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <set>

using namespace raphson::optim;
using namespace raphson::optim::tools;

namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();

SampleGraph unit_graph(int samples, std::uint64_t seed) {
  return SampleGraph(sample_world(unit_square(), nullptr, samples, seed), 2,
                     connection_radius(samples, 2, 1, 1.1));
}

Obstacle disc(double x, double y, double radius) {
  return {.id = "disc", .centre = {x, y}, .radius = radius};
}

Obstacle box(double left, double low, double right, double high) {
  return {.id = "box",
          .kind = Obstacle::Kind::box,
          .centre = {(left + right) / 2, (low + high) / 2},
          .half = {(right - left) / 2, (high - low) / 2}};
}

/// The largest difference; infinite where one has a way and the other none.
double gap(const FmtX& planner, const std::vector<double>& ways) {
  double most = 0;
  for (std::size_t node = 0; node < ways.size(); ++node) {
    const double cost = planner.cost(static_cast<int>(node));
    if (cost != ways[node]) most = std::max(most, std::abs(cost - ways[node]));
  }
  return most;
}

void check_tree(const FmtX& planner, const Obstacles& obstacles) {
  const SampleGraph& graph = planner.roads().graph();
  std::vector<int> children_found(static_cast<std::size_t>(graph.size()), 0);
  for (int node = 0; node < graph.size(); ++node) {
    for (int child = planner.tree().first_child(node); child >= 0;
         child = planner.tree().next_sibling(child)) {
      REQUIRE(planner.tree().parent(child) == node);
      ++children_found[child];
    }
    const int parent = planner.tree().parent(node);
    if (parent < 0) {
      REQUIRE((node == 0 || planner.cost(node) == infinity));
      continue;
    }
    REQUIRE(
        planner.cost(node)
        == Approx(planner.cost(parent) + euclidean(graph.point(node), graph.point(parent))).epsilon(1e-12));
    REQUIRE(line_free(obstacles, graph.point(node), graph.point(parent)));
    REQUIRE(planner.path(node).size() <= static_cast<std::size_t>(graph.size())); // no cycle
  }
  for (int node = 0; node < graph.size(); ++node)
    REQUIRE(children_found[node] == (planner.tree().parent(node) >= 0 ? 1 : 0));
}

/// The gap in the wall x = 0.5 between y = 0.45 and 0.55, or none.
Obstacles wall(bool open) {
  Obstacles obstacles{box(0.48, -0.1, 0.52, 0.45), box(0.48, 0.55, 0.52, 0.8)};
  if (!open) obstacles.push_back(box(0.48, 0.45, 0.52, 0.55));
  return obstacles;
}

} // namespace

TEST_CASE("FMT^x: eager costs are Dijkstra's at every tick, the tree is one, RRT^x agrees") {
  for (const std::uint64_t seed : {1, 2, 3}) {
    const SampleGraph graph = unit_graph(400, seed);
    MovingDiscs discs(seed);
    FmtX whole(graph, EdgeCheck::eager), early(graph, EdgeCheck::eager);
    RrtX rrtx(graph), rrtx_early(graph);
    std::int64_t orphans = 0, expanded = 0, from_scratch = 0;
    for (int tick = 0; tick < 25; ++tick, discs.step()) {
      const auto ways = shortest_ways(graph, discs.obstacles());
      const PlanningWork before = whole.work();
      whole.update(discs.obstacles());
      whole.plan();
      REQUIRE(gap(whole, ways) <= 1e-12);
      check_tree(whole, discs.obstacles());
      early.update(discs.obstacles());
      early.plan(1);
      REQUIRE(early.cost(1) == Approx(ways[1]).epsilon(1e-12));
      rrtx.update(discs.obstacles());
      rrtx.plan();
      rrtx_early.update(discs.obstacles());
      rrtx_early.plan(1);
      REQUIRE(rrtx_early.cost(1) == Approx(ways[1]).epsilon(1e-12));
      for (int node = 0; node < graph.size(); ++node)
        if (rrtx.cost(node) != ways[node]) REQUIRE(rrtx.cost(node) == Approx(ways[node]).epsilon(1e-12));
      if (tick > 0) {
        const PlanningWork work = whole.work().since(before);
        expanded += work.expanded;
        from_scratch += fmt_star(graph, discs.obstacles()).work.expanded;
        orphans += work.orphans;
      }
    }
    CHECK(orphans > 100);                      // or nothing would have been cut
    CHECK(from_scratch * 100 > 85 * 24 * 400); // all but the samples inside discs
    CHECK(expanded * 10 < 7 * 24 * 400);       // repairs, not plans from scratch
  }
}

TEST_CASE("FMT^x in three dimensions, among balls and boxes, is Dijkstra's too") {
  PlanningWorld world{.low = {0, 0, 0}, .high = {1, 1, 1}, .start = {0.1, 0.1, 0.1}, .goal = {0.9, 0.9, 0.9}};
  const SampleGraph graph(sample_world(world, nullptr, 500, 1), 3, connection_radius(500, 3, 1, 1.1));
  FmtX planner(graph, EdgeCheck::eager);
  for (int tick = 0; tick < 8; ++tick) {
    const double x = 0.1 * tick;
    const Obstacles obstacles{
        {.kind = Obstacle::Kind::ball, .centre = {x, 0.5, 0.5}, .radius = 0.25},
        {.kind = Obstacle::Kind::box, .centre = {0.5, x, 0.5}, .half = {0.1, 0.1, 0.4}}};
    planner.update(obstacles);
    planner.plan();
    REQUIRE(gap(planner, shortest_ways(graph, obstacles)) <= 1e-12);
    check_tree(planner, obstacles);
  }
}

TEST_CASE("FMT^x: lazy ways are never shorter than the shortest, and exist where they do") {
  const SampleGraph graph = unit_graph(400, 4);
  MovingDiscs discs(4);
  FmtX planner(graph, EdgeCheck::lazy);
  std::int64_t tests_from_scratch = 0;
  for (int tick = 0; tick < 25; ++tick, discs.step()) {
    planner.update(discs.obstacles());
    planner.plan();
    tests_from_scratch += fmt_star(graph, discs.obstacles()).work.edge_tests;
    check_tree(planner, discs.obstacles());
    const auto ways = shortest_ways(graph, discs.obstacles());
    for (int node = 0; node < graph.size(); ++node) {
      REQUIRE((planner.cost(node) == infinity) == (ways[node] == infinity));
      if (ways[node] == infinity) continue;
      REQUIRE(planner.cost(node) >= ways[node] - 1e-12);
      REQUIRE(planner.cost(node) <= 1.2 * ways[node]);
    }
  }
  CHECK(planner.work().edge_tests < tests_from_scratch);
}

TEST_CASE("FMT^x: a tick without change is no work at all") {
  const SampleGraph graph = unit_graph(300, 1);
  const MovingDiscs discs(1);
  for (const EdgeCheck check : {EdgeCheck::eager, EdgeCheck::lazy}) {
    FmtX planner(graph, check);
    planner.update(discs.obstacles());
    planner.plan();
    const PlanningWork before = planner.work();
    CHECK(before.expanded > 250);
    planner.update(discs.obstacles());
    planner.plan();
    planner.plan(1);
    const PlanningWork done = planner.work().since(before);
    CHECK(done.expanded == 0);
    CHECK(done.orphans == 0);
    CHECK(done.edge_changes == 0);
    CHECK(done.edge_tests == 0);
    CHECK(done.relaxations == 0);
  }
}

TEST_CASE("FMT^x: a node joins the best of its neighbours in the queue, not the one being expanded") {
  // Goal, start far from all, y near both, z below: z is expanded first (0.5 < 0.6), x is 0.99 away through
  // it and 0.95 through y.
  const SampleGraph graph({0, 0, 9, 9, 0.6, 0, 0.4, -0.3, 0.92, 0.13}, 2, 0.7);
  FmtX planner(graph, EdgeCheck::eager);
  REQUIRE(planner.plan_step()); // the goal: y and z join
  REQUIRE(planner.queued(2));
  REQUIRE(planner.queued(3));
  REQUIRE(planner.cost(3) < planner.cost(2));
  REQUIRE(planner.cost(4) == infinity);
  REQUIRE(planner.plan_step()); // z
  CHECK_FALSE(planner.queued(3));
  CHECK(planner.tree().parent(4) == 2);
  CHECK(planner.cost(4) == Approx(0.6 + std::hypot(0.32, 0.13)));
}

TEST_CASE("FMT^x: a gap that opens in a wall shortens the way at once") {
  const SampleGraph graph = unit_graph(800, 2);
  for (const bool whole : {true, false}) {
    FmtX planner(graph, EdgeCheck::eager);
    const auto plan = [&] { planner.plan(whole ? std::nullopt : std::optional<int>(1)); };
    planner.update(wall(false));
    plan();
    const double around = planner.cost(1);
    CHECK(around == Approx(shortest_ways(graph, wall(false))[1]).epsilon(1e-12));
    const PlanningWork before = planner.work();
    planner.update(wall(true));
    plan();
    CHECK(planner.cost(1) < around - 0.02);
    CHECK(planner.cost(1) == Approx(shortest_ways(graph, wall(true))[1]).epsilon(1e-12));
    CHECK(planner.work().since(before).orphans == 0);
    planner.update(wall(false));
    plan();
    CHECK(planner.cost(1) == Approx(around).epsilon(1e-12));
    CHECK(planner.work().since(before).orphans > 0);
  }
}

TEST_CASE("FMT^x: samples that come free are queued themselves, with their way from elsewhere") {
  // 0 - 2 - 3 along y = 0 and round by 4. The disc cuts 0 - 2 and 2 - 4, so that 2 hangs on 3; when it goes,
  // 2 is the only sample beside it, and only 2 itself can tell 3 of the shorter way.
  const SampleGraph graph({0, 0, 9, 9, 1, 0, 2, 0, 1, 1}, 2, 1.5);
  FmtX planner(graph, EdgeCheck::eager);
  planner.update({disc(1.2, 0, 0.1)});
  planner.plan();
  CHECK(planner.cost(3) == Approx(2 * std::numbers::sqrt2));
  planner.update({});
  planner.plan();
  CHECK(planner.cost(3) == Approx(2));
}

TEST_CASE("FMT^x: what hangs on a cut node is orphaned with it") {
  // A chain 0 - 2 - 3 - 1 along y = 0, and a longer way round by 4 and 5.
  const SampleGraph graph({0, 0, 3, 0, 1, 0, 2, 0, 0.8, 0.9, 2, 0.9}, 2, 1.3);
  FmtX planner(graph, EdgeCheck::eager);
  planner.plan();
  CHECK(planner.cost(1) == Approx(3));
  const PlanningWork before = planner.work();
  const Obstacles cut{disc(0.5, 0, 0.1)};
  planner.update(cut);
  CHECK(planner.work().since(before).orphans == 3);
  planner.plan();
  CHECK(gap(planner, shortest_ways(graph, cut)) <= 1e-12);
  CHECK(planner.cost(1) > 3.2);
}

TEST_CASE("FMT^x: what an early exit leaves in the queue is there for a later detour") {
  const SampleGraph graph = unit_graph(800, 5);
  int nearby = -1, far = -1; // in steps from the goal
  const auto ways = shortest_ways(graph, {});
  for (int node = 2; node < graph.size(); ++node) {
    if (ways[node] < 0.3 && (nearby < 0 || ways[node] > ways[nearby])) nearby = node;
    if (far < 0 || ways[node] > ways[far]) far = node;
  }
  FmtX planner(graph, EdgeCheck::eager);
  planner.plan(nearby);
  CHECK(planner.cost(nearby) == Approx(ways[nearby]));
  CHECK(planner.work().expanded < 300);
  planner.plan(far);
  CHECK(planner.cost(far) == Approx(ways[far]).epsilon(1e-12));
  // And with obstacles that came while the robot was near.
  FmtX moved(graph, EdgeCheck::eager);
  moved.plan(nearby);
  moved.update(wall(true));
  moved.plan(nearby);
  moved.plan(far);
  CHECK(moved.cost(far) == Approx(shortest_ways(graph, wall(true))[far]).epsilon(1e-12));
}

TEST_CASE("FMT^x: no node is expanded twice in one plan") {
  const SampleGraph graph = unit_graph(500, 6);
  MovingDiscs discs(6);
  FmtX planner(graph, EdgeCheck::eager);
  for (int tick = 0; tick < 20; ++tick, discs.step()) {
    planner.update(discs.obstacles());
    std::set<int> expanded;
    int steps = 0;
    std::vector<bool> before(500);
    do {
      for (int node = 0; node < 500; ++node) before[node] = planner.queued(node);
      const auto count = planner.work().expanded;
      if (!planner.plan_step()) break;
      REQUIRE(planner.work().expanded == count + 1);
      ++steps;
      for (int node = 0; node < 500; ++node)
        if (before[node] && !planner.queued(node)) REQUIRE(expanded.insert(node).second);
    } while (true);
    CHECK(std::ssize(expanded) == steps);
  }
}

TEST_CASE("FMT^x: the goal covered and uncovered again") {
  const SampleGraph graph = unit_graph(400, 7);
  for (const EdgeCheck check : {EdgeCheck::eager, EdgeCheck::lazy}) {
    FmtX planner(graph, check);
    planner.update({});
    planner.plan();
    const double way = planner.cost(1);
    planner.update({disc(0.95, 0.95, 0.1)});
    planner.plan();
    CHECK(planner.cost(1) == infinity);
    CHECK(planner.cost(0) == 0);
    CHECK(planner.path(1).empty());
    planner.update({});
    planner.plan();
    CHECK(planner.cost(1) == Approx(way).epsilon(1e-12));
  }
}

TEST_CASE("FMT* without obstacles finds the shortest ways; with them none shorter") {
  const SampleGraph graph = unit_graph(400, 8);
  const MovingDiscs discs(8);
  const auto free = fmt_star(graph, {});
  const auto ways = shortest_ways(graph, {});
  for (int node = 0; node < graph.size(); ++node)
    REQUIRE(free.cost[node] == Approx(ways[node]).margin(1e-12));
  CHECK(free.work.expanded == 400);
  CHECK(fmt_star(graph, {}, 1).work.expanded < 400);
  const auto among = fmt_star(graph, discs.obstacles());
  const auto shortest = shortest_ways(graph, discs.obstacles());
  for (int node = 0; node < graph.size(); ++node)
    if (shortest[node] < infinity) REQUIRE(among.cost[node] >= shortest[node] - 1e-12);
}

TEST_CASE("The connection radius: its formula at two dimensions, and what it grows with") {
  // d = 2: 2 f sqrt(1/2) sqrt(mu/pi) sqrt(ln n / n)
  CHECK(connection_radius(2000, 2, 4, 1.1)
        == Approx(2.2 * std::sqrt(0.5 * 4 / std::numbers::pi * std::log(2000.0) / 2000)));
  // d = 3: zeta = 4 pi / 3
  CHECK(connection_radius(100, 3, 1, 1)
        == Approx(2 * std::cbrt(1.0 / 3 / (4 * std::numbers::pi / 3) * std::log(100.0) / 100)));
}

TEST_CASE("The sample graph has every pair within the radius, both ways") {
  const SampleGraph graph = unit_graph(200, 9);
  int edges = 0;
  for (int i = 0; i < 200; ++i)
    for (int j = 0; j < 200; ++j)
      if (i != j && euclidean(graph.point(i), graph.point(j)) <= graph.radius) ++edges;
  CHECK(static_cast<int>(graph.target.size()) == edges);
  for (int i = 0; i < 200; ++i)
    for (int edge = graph.begin(i); edge < graph.end(i); ++edge) {
      REQUIRE(graph.target[graph.twin[edge]] == i);
      REQUIRE(graph.twin[graph.twin[edge]] == edge);
    }
}

TEST_CASE("FMT^x's experiment, in short") { check_claims(fmtx_demo({.brief = true})); }
