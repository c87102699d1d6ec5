#include "optim/engine/processor_time.h"
#include "optim/tools/growth.h"
#include "optim/tools/signals/fmtx.h"
#include "optim/tools/signals/fmtx_demo_parts.h"
#include "optim/tools/signals/fmtx_drive.h"

#include <cmath>
#include <limits>
#include <numbers>

namespace raphson::optim::tools {
namespace {

using report::at_least;
using report::at_most;
using report::Cell;
using report::Series;

constexpr double infinity = std::numeric_limits<double>::infinity();

/// Planning without any of it: no k-d tree, no heap, no tree kept from before. The nearest node not yet done
/// is looked for among all, and all that lie within the radius of it.
std::vector<double> straightforward_ways(const std::vector<double>& points, double radius,
                                         const Obstacles& obstacles) {
  const std::size_t n = points.size() / 2;
  std::vector<double> way(n, infinity);
  std::vector<bool> done(n, false);
  way[0] = 0;
  const auto point = [&](std::size_t i) { return PositionView(points.data() + 2 * i, 2); };
  for (;;) {
    std::size_t z = n;
    for (std::size_t i = 0; i < n; ++i)
      if (!done[i] && way[i] < (z < n ? way[z] : infinity)) z = i;
    if (z == n) return way;
    done[z] = true;
    for (std::size_t x = 0; x < n; ++x) {
      if (done[x]) continue;
      const double length = euclidean(point(z), point(x));
      if (length > radius || way[z] + length >= way[x]) continue;
      if (line_free(obstacles, point(z), point(x))) way[x] = way[z] + length;
    }
  }
}

double excess(std::uint64_t seed, int samples) {
  constexpr double half_distance = 0.45, radius = 0.2;
  PlanningWorld world = unit_square();
  world.start = {0.5 - half_distance, 0.5};
  world.goal = {0.5 + half_distance, 0.5};
  const SampleGraph graph(sample_world(world, nullptr, samples, seed), 2,
                          connection_radius(samples, 2, 1, 1.1));
  FmtX planner(graph, EdgeCheck::eager);
  planner.update({{.id = "disc", .centre = {0.5, 0.5}, .radius = radius}});
  planner.plan(1);
  const double shortest = 2 * std::sqrt(half_distance * half_distance - radius * radius)
                          + radius * (std::numbers::pi - 2 * std::acos(radius / half_distance));
  return planner.cost(1) / shortest - 1;
}

} // namespace

void fmtx_limit(report::ToolReport& report, const Seeds& seeds, const DemoOptions& options) {
  options.say("the limit of many samples");
  report::Table table{{{"samples"}, {"excess over the true shortest way (%)"}}, {}};
  Series series;
  for (const int samples : options.brief ? std::vector{500, 2000} : std::vector{500, 2000, 8000}) {
    double mean = 0;
    for (const std::uint64_t seed : seeds) mean += excess(seed, samples) / static_cast<double>(seeds.size());
    table.rows.push_back({samples, Cell::significant(100 * mean, 3)});
    series.x.push_back(samples);
    series.y.push_back(mean);
  }
  for (std::size_t k = 1; k < series.y.size(); ++k)
    report.claims.push_back(at_most("excess over the true shortest way, "
                                        + std::to_string(static_cast<int>(series.x[k])) + " samples over "
                                        + std::to_string(static_cast<int>(series.x[k - 1])),
                                    series.y[k] / series.y[k - 1], 1));
  report.claims.push_back(at_most("excess over the true shortest way, most samples", series.y.back(),
                                  options.brief ? 0.08 : 0.04));
  report.tables.push_back(
      {"limit",
       "Around one disc of radius 0.2, start and goal at 0.45 on either side: the shortest "
       "way is 0.99045",
       table});
}

void fmtx_growth(report::ToolReport& report, std::uint64_t seed, const DemoOptions& options) {
  std::vector<int> sizes{200, 632, 2000, 6325};
  if (!options.brief) sizes.insert(sizes.end(), {20000, 63246, 200000});
  const int straightforward_limit = options.brief ? 2000 : 20000;
  Growth scratch{"graph and first plan"}, repair{"repair of a tick"}, plain{"straightforward, each tick"},
      looked{"edges looked at in the first plan"};
  double gap = 0;
  for (const int n : sizes) {
    options.say(std::to_string(n) + " samples");
    const auto points = sample_world(unit_square(), nullptr, n, seed);
    const double radius = connection_radius(n, 2, 1, 1.1);
    MovingDiscs discs(seed);
    std::optional<SampleGraph> graph;
    std::optional<FmtX> planner;
    scratch.add(n, processor_seconds_of([&] {
                  graph.emplace(points, 2, radius);
                  planner.emplace(*graph, EdgeCheck::eager);
                  planner->update(discs.obstacles());
                  planner->plan();
                }));
    looked.add(n, static_cast<double>(planner->work().relaxations));
    constexpr int ticks = 5;
    repair.add(n, processor_seconds_of([&] {
                    for (int tick = 0; tick < ticks; ++tick) {
                      discs.step();
                      planner->update(discs.obstacles());
                      planner->plan();
                    }
                  }) / ticks);
    if (n > straightforward_limit) continue;
    std::vector<double> ways;
    plain.add(n,
              processor_seconds_of([&] { ways = straightforward_ways(points, radius, discs.obstacles()); }));
    for (int node = 0; node < n; ++node)
      if (ways[node] != planner->cost(node)) gap = std::max(gap, std::abs(ways[node] - planner->cost(node)));
  }
  const double speed = plain.cost.back() / repair.cost[plain.cost.size() - 1];
  report.claims.push_back(at_most("gap between FMT^x and the straightforward implementation", gap, 1e-9));
  report.claims.push_back(at_most("growth of edges looked at, exponent of n", looked.exponent(), 1.2));
  report.claims.push_back(at_most("growth of the time of graph and plan, exponent of n", scratch.exponent(),
                                  options.brief ? 1.6 : 1.45));
  report.claims.push_back(at_least("time of a tick, straightforward / FMT^x's repair, "
                                       + std::to_string(static_cast<int>(plain.size.back())) + " samples",
                                   speed, options.brief ? 2 : 10));
  report.values.push_back({"growth of a repair's time, exponent of n", repair.exponent()});
  report.values.push_back({"growth of the straightforward implementation's time", plain.exponent()});
  report.figures.push_back(
      growth_figure("growth", "Time over the number of samples", "Samples", {scratch, repair, plain}));
}

} // namespace raphson::optim::tools
