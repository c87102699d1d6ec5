#include "dsp/error.h"
#include "optim/cli/tool.h"
#include "optim/tools/signals/fmtx_demo.h"
#include "optim/tools/signals/fmtx_report.h"

#include <memory>

namespace raphson::cli {
namespace {

using namespace optim::tools;

struct Options {
  std::string world, moves, check = "eager";
  WorldOptions world_options;
  double speed = 0, robot_radius = -1;
  DriveOptions drive;
};

report::ToolReport run_tool(const Options& o, const ToolRun& run) {
  WorldOptions world_options = o.world_options;
  if (o.speed > 0) world_options.speed = o.speed;
  if (o.robot_radius >= 0) world_options.robot_radius = o.robot_radius;
  run.say("reading");
  const PlanningWorld world = read_world(o.world, world_options);
  const Moves moves = o.moves.empty() ? Moves() : Moves(o.moves, world);
  DriveOptions options = o.drive;
  options.check = o.check == "lazy" ? EdgeCheck::lazy : EdgeCheck::eager;
  options.seed = run.seed;
  options.progress = [&run](const std::string& line) { run.say(line); };
  return drive_report(world, drive(world, moves, options), options);
}

ToolAction set_up(CLI::App& app) {
  auto o = std::make_shared<Options>();
  app.add_option("WORLD", o->world, "Box, obstacles, start, goal and speed as JSON, or a PNG map")
      ->required();
  app.add_option("--moves", o->moves, "Where obstacles are when: rows t, id, x, y and, for discs, r")
      ->type_name("MOVES.csv");
  app.add_option("--samples", o->drive.samples, "Nodes of the tree")
      ->check(between(10, 2000000))
      ->capture_default_str();
  app.add_option("--check", o->check, "Test edges when obstacles change, or when one is about to be used")
      ->check(CLI::IsMember({"eager", "lazy"}))
      ->capture_default_str();
  app.add_flag("--whole-tree", o->drive.whole_tree, "Repair all of the tree, not only the robot's way");
  app.add_option("--radius-factor", o->drive.radius_factor, "Of the connection radius; above 1 for the limit")
      ->check(above_zero())
      ->capture_default_str();
  app.add_option("--dt", o->drive.dt, "Time between two repairs")->check(above_zero())->capture_default_str();
  app.add_option("--ticks", o->drive.maximum_ticks, "Stop after so many")
      ->check(between(1, 1000000))
      ->capture_default_str();
  app.add_option("--frames", o->drive.frames, "Of the picture")->check(between(1, 60))->capture_default_str();
  app.add_option("--start", o->world_options.start, "In place of the file's")
      ->type_name("X,Y")
      ->delimiter(',');
  app.add_option("--goal", o->world_options.goal, "In place of the file's")->type_name("X,Y")->delimiter(',');
  app.add_option("--speed", o->speed, "In place of the file's; a fiftieth of the diagonal where neither is")
      ->check(above_zero());
  app.add_option("--robot-radius", o->robot_radius, "Obstacles grow by it")->check(zero_or_above());
  app.add_option("--scale", o->world_options.scale, "Of a map, metres a pixel")
      ->check(above_zero())
      ->capture_default_str();
  return [o](const ToolRun& run) { return run_tool(*o, run); };
}

constexpr const char* about =
    "Plans a robot's way over a map or a list of discs and boxes, moves the obstacles, and repairs the plan "
    "at every tick: a tree of shortest collision-free ways over random samples, rooted at the goal, so that "
    "a "
    "robot anywhere knows its way. Only what a change has touched is planned again, and with --check eager "
    "the result is exactly the shortest way over the samples that planning from scratch would find.\n\n"
    "WORLD as JSON has box [[0, 0], [1, 1]] (low and high corner, of any number of dimensions), discs "
    "[{\"id\": \"crane\", \"centre\": [0.5, 0.5], \"radius\": 0.1}], boxes [{\"low\": [0.2, 0], \"high\": "
    "[0.25, 0.6]}], start, goal, speed and robot_radius. As PNG it is a map whose dark pixels are blocked; x "
    "grows to the right and y upwards from the lower left corner, in metres by --scale. MOVES has a row for "
    "each id and time, linear in between; an id of the world moves what bears it, another brings in a disc, "
    "and after its last row an id is gone.\n\n"
    "route.csv has the way that was driven, the table the work of each repair, the picture the tree, the "
    "obstacles and the robot. The plan is for where the obstacles are, not for where they will be: the least "
    "clearance says how near they came. Lazy checking tests fewer edges, and its ways may be a few per cent "
    "longer. Boxes grow by the robot's radius along their axes, corners included.\n\n"
    "The robot simulator of the paper is replaced by discs and boxes that move as the file says.";

const ToolRegistration registration{
    {.family = "Signals",
     .name = "fmtx",
     .summary = "Plans a robot's way and repairs the plan when obstacles move",
     .paper = {"S. E. Nia et al.",
               "FMT^x: An Efficient and Asymptotically Optimal Extension of the Fast Marching Tree for "
               "Dynamic Replanning",
               "2025", ""},
     .about = about,
     .set_up = set_up,
     .demo = fmtx_demo,
     .example = "assets/data/worlds/yard.json --moves assets/data/worlds/yard-moves.csv --dt 0.5"}};

} // namespace
} // namespace raphson::cli
