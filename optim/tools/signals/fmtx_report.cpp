#include "optim/tools/signals/fmtx_report.h"

#include "optim/data/png_image.h"
#include "optim/report/text.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace raphson::optim::tools {
namespace {

using report::Cell;
using report::Colour;
using report::Shape;
using report::ToolReport;

constexpr double nan = std::numeric_limits<double>::quiet_NaN();

double or_nothing(double value) { return std::isfinite(value) ? value : nan; }

std::string brief(double value) { return report::format_significant(value, 4); }

Shape polyline(const std::vector<Position>& places, const report::ShapeStyle& style) {
  Shape shape{.style = style};
  for (const Position& place : places) {
    shape.x.push_back(place[0]);
    shape.y.push_back(place[1]);
  }
  return shape;
}

Shape disc(const Position& centre, double radius, Colour colour, double opacity = 1) {
  return {{centre[0]}, {centre[1]}, radius, {colour, 0, opacity, true}};
}

Shape tree_of(const std::vector<double>& samples, const std::vector<int>& parents) {
  Shape tree{.style = {Colour::neutral, 0.5, 0.7}};
  for (std::size_t node = 0; node < parents.size(); ++node) {
    if (parents[node] < 0) continue;
    for (const std::size_t end : {node, static_cast<std::size_t>(parents[node])}) {
      tree.x.push_back(samples[2 * end]);
      tree.y.push_back(samples[2 * end + 1]);
    }
    tree.x.push_back(nan);
    tree.y.push_back(nan);
  }
  return tree;
}

std::string map_picture(const OccupancyMap& map) {
  data::RowMatrix levels(map.rows(), map.columns());
  for (int r = 0; r < map.rows(); ++r)
    for (int c = 0; c < map.columns(); ++c) levels(r, c) = map.blocked(r, c) ? 0.3 : 1.0;
  return data::png_bytes(data::grey_image(levels));
}

report::Table tick_table(const Drive& drive, int dimension) {
  report::Table table{{{"t"}}, {}};
  for (const std::string& name : coordinate_names(dimension)) table.columns.push_back({name});
  for (const char* name : {"way left", "waits", "orphans", "expanded", "edge checks", "ms"})
    table.columns.push_back({name});
  for (const DriveTick& tick : drive.ticks) {
    std::vector<Cell> row{Cell(tick.t)};
    for (const double x : tick.robot) row.push_back(x);
    row.push_back(or_nothing(tick.way));
    row.push_back(tick.waits ? 1 : 0);
    for (const std::int64_t count : {tick.work.orphans, tick.work.expanded, tick.work.edge_tests})
      row.push_back(count);
    row.push_back(Cell::significant(1000 * tick.seconds, 3));
    table.rows.push_back(std::move(row));
  }
  return table;
}

std::string route_csv(const Drive& drive, int dimension) {
  report::Table table{{{"t"}}, {}};
  for (const std::string& name : coordinate_names(dimension)) table.columns.push_back({name});
  for (const DriveTick& tick : drive.ticks) {
    std::vector<Cell> row{Cell(tick.t)};
    for (const double x : tick.robot) row.push_back(x);
    table.rows.push_back(std::move(row));
  }
  return report::to_csv(table);
}

// The stretches in which there was no way. Where nothing moves, the samples may be too few for one that
// exists.
void add_waits(ToolReport& result, const Drive& drive, bool moves) {
  const auto& ticks = drive.ticks;
  for (std::size_t k = 0; k < ticks.size(); ++k) {
    if (!ticks[k].waits) continue;
    std::size_t last = k;
    while (last + 1 < ticks.size() && ticks[last + 1].waits) ++last;
    const bool to_the_end = last + 1 == ticks.size();
    result.warnings.push_back("no way to the goal from t = " + brief(ticks[k].t)
                              + (to_the_end ? std::string(" on: the robot waits at the end")
                                                  + (moves ? ""
                                                           : "; with more --samples or a larger "
                                                             "--radius-factor there may be one")
                                            : " to t = " + brief(ticks[last].t) + ": the robot waits"));
    k = last;
  }
}

void add_values(ToolReport& result, const Drive& drive, const DriveOptions& options) {
  const auto repairs = static_cast<double>(std::max<std::size_t>(1, drive.ticks.size() - 1));
  PlanningWork sum;
  double seconds = 0;
  for (std::size_t k = 1; k < drive.ticks.size(); ++k) {
    sum.expanded += drive.ticks[k].work.expanded;
    sum.edge_tests += drive.ticks[k].work.edge_tests;
    seconds += drive.ticks[k].seconds;
  }
  result.values = {{"samples", options.samples},
                   {"connection radius", drive.radius},
                   {"arrives at t", drive.arrived ? Cell(drive.ticks.back().t) : Cell("never")},
                   {"way planned at the start",
                    std::isfinite(drive.ticks.front().way) ? Cell(drive.ticks.front().way) : Cell("none")},
                   {"way driven", drive.driven},
                   {"least clearance",
                    std::isfinite(drive.clearance) ? Cell(drive.clearance) : Cell("nothing stands there")},
                   {"nodes expanded, first plan", drive.ticks.front().work.expanded},
                   {"nodes expanded a repair, mean", static_cast<double>(sum.expanded) / repairs},
                   {"edge checks a repair, mean", static_cast<double>(sum.edge_tests) / repairs},
                   {"first plan (ms)", 1000 * drive.ticks.front().seconds},
                   {"a repair (ms)", 1000 * seconds / repairs}};
}

void add_plots(ToolReport& result, const Drive& drive) {
  report::Series way{.name = ""}, expanded{.name = "nodes expanded"}, orphans{.name = "orphans"};
  for (const DriveTick& tick : drive.ticks) {
    way.x.push_back(tick.t);
    way.y.push_back(or_nothing(tick.way));
    expanded.x.push_back(tick.t);
    expanded.y.push_back(static_cast<double>(tick.work.expanded));
    orphans.x.push_back(tick.t);
    orphans.y.push_back(static_cast<double>(tick.work.orphans));
  }
  result.figures.push_back({"work",
                            {{{"The way left", {"t"}, {"Length"}, {way}},
                              {"Work of the repair", {"t"}, {"Nodes"}, {expanded, orphans}}},
                             {880, 480},
                             "The way left to the goal, and what each repair cost"}});
}

// At most `count` of the frames, spread evenly, the last one among them.
std::vector<const DriveFrame*> chosen(const std::vector<DriveFrame>& frames, int count) {
  std::vector<const DriveFrame*> chosen;
  const std::size_t wanted = std::min(frames.size(), static_cast<std::size_t>(count));
  for (std::size_t k = 0; k < wanted; ++k)
    chosen.push_back(&frames[wanted == 1 ? 0 : k * (frames.size() - 1) / (wanted - 1)]);
  return chosen;
}

} // namespace

report::ScenePanel scene(const PlanningWorld& world, const std::vector<double>& samples,
                         const DriveFrame& frame, const std::string& caption) {
  report::ScenePanel panel{
      .caption = caption, .x = {world.low[0], world.high[0]}, .y = {world.low[1], world.high[1]}};
  const double mark = euclidean(world.low, world.high) / 90;
  if (world.map) panel.png = map_picture(*world.map);
  panel.shapes.push_back(tree_of(samples, frame.parents));
  for (const Obstacle& o : frame.obstacles) {
    if (o.kind == Obstacle::Kind::ball) {
      panel.shapes.push_back(disc(o.centre, o.radius, Colour::orange, 0.8));
      continue;
    }
    panel.shapes.push_back(report::rectangle(o.centre[0] - o.half[0], o.centre[1] - o.half[1], 2 * o.half[0],
                                             2 * o.half[1], {Colour::orange, 0, 0.8, true}));
  }
  panel.shapes.push_back(polyline(frame.route, {Colour::blue, 2}));
  panel.shapes.push_back(disc(world.goal, mark, Colour::green));
  if (!frame.route.empty())
    panel.shapes.push_back(disc(frame.route.front(), std::max(mark, world.robot_radius), Colour::blue));
  return panel;
}

ToolReport drive_report(const PlanningWorld& world, const Drive& drive, const DriveOptions& options,
                        bool moves) {
  ToolReport result{.title = "A drive through " + world.name};
  result.paragraphs.push_back(drive.arrived
                                  ? "The robot arrives at t = " + brief(drive.ticks.back().t)
                                        + " after a way of " + brief(drive.driven) + "."
                                  : "The robot does not arrive; it drove " + brief(drive.driven) + ".");
  add_waits(result, drive, moves);
  if (!drive.arrived && !drive.ticks.back().waits)
    result.warnings.push_back("stopped after " + std::to_string(drive.ticks.size())
                              + " ticks, before the robot arrived");
  if (drive.clearance < 0)
    result.warnings.push_back(
        "an obstacle ran into the robot: its way is planned for where obstacles are, "
        "not for where they are going; a smaller --dt or a larger --robot-radius helps");
  add_values(result, drive, options);
  result.tables.push_back({"ticks", "Tick by tick", tick_table(drive, world.dimension())});
  add_plots(result, drive);
  if (world.dimension() == 2) {
    std::vector<report::ScenePanel> panels;
    for (const DriveFrame* frame : chosen(drive.frames, options.frames))
      panels.push_back(scene(world, drive.samples, *frame, "t = " + brief(drive.ticks[frame->tick].t)));
    result.images.push_back({"strip", report::panels_svg(panels, 280, 3),
                             "Tree (grey), obstacles (orange), robot and its way (blue), goal (green)"});
  }
  result.files.push_back({"route.csv", route_csv(drive, world.dimension())});
  return result;
}

} // namespace raphson::optim::tools
