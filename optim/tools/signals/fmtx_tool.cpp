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
  DriveOptions drive;
};

report::ToolReport run_tool(const Options& o, const ToolRun& run) {
  run.say("reading");
  const PlanningWorld world = read_world(o.world, o.world_options);
  const Moves moves = o.moves.empty() ? Moves() : Moves(o.moves, world);
  DriveOptions options = o.drive;
  options.check = o.check == "lazy" ? EdgeCheck::lazy : EdgeCheck::eager;
  options.seed = run.seed;
  options.progress = [&run](const std::string& line) { run.say(line); };
  return drive_report(world, drive(world, moves, options), options, !o.moves.empty());
}

ToolAction set_up(CLI::App& app) {
  auto o = std::make_shared<Options>();
  app.add_option("WORLD", o->world, "Box, obstacles, start, goal and speed as JSON, or a PNG map")
      ->required();
  app.add_option("--moves", o->moves, "Where obstacles are when: rows t, id, x, y and, for discs, r")
      ->type_name("MOVES.csv");
  app.add_option("--samples", o->drive.samples,
                 "Nodes of the tree: more make the way shorter and a repair longer")
      ->check(between(10, 2000000))
      ->capture_default_str();
  app.add_option("--check", o->check, "Test edges when obstacles change, or when one is about to be used")
      ->check(CLI::IsMember({"eager", "lazy"}))
      ->capture_default_str();
  app.add_flag("--whole-tree", o->drive.whole_tree, "Repair all of the tree, not only the robot's way");
  app.add_option(
         "--radius-factor", o->drive.radius_factor,
         "Factor on the radius within which samples are joined; above 1 the ways become the shortest as "
         "samples grow")
      ->check(above_zero())
      ->capture_default_str();
  app.add_option("--dt", o->drive.dt, "Time between two repairs, in the unit of MOVES' t")
      ->check(above_zero())
      ->capture_default_str();
  app.add_option("--ticks", o->drive.maximum_ticks, "Stop after so many repairs")
      ->check(between(1, 1000000))
      ->capture_default_str();
  app.add_option("--frames", o->drive.frames, "Moments that the picture shows")
      ->check(between(1, 60))
      ->capture_default_str();
  app.add_option("--start", o->world_options.start, "Where the robot starts, in place of the file's")
      ->type_name("X,Y")
      ->delimiter(',');
  app.add_option("--goal", o->world_options.goal, "Where it goes, in place of the file's")
      ->type_name("X,Y")
      ->delimiter(',');
  app.add_option("--speed", o->world_options.speed,
                 "Of the robot, length a unit of time, in place of the file's; a fiftieth of the diagonal "
                 "where neither is")
      ->check(above_zero());
  app.add_option("--robot-radius", o->world_options.robot_radius,
                 "Distance that its way keeps from obstacles, in place of the file's; 0 where neither is")
      ->check(zero_or_above());
  app.add_option("--scale", o->world_options.scale, "Metres a pixel of a PNG map; 1 where it is not given")
      ->check(above_zero());
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
    "and after its last row an id is gone. Lengths are in the world's unit, metres of a map; times in that "
    "of "
    "MOVES.\n\n"
    "route.csv has the way that was driven, the table the work of each repair, the picture the tree, the "
    "obstacles and the robot. The plan is for where the obstacles are, not for where they will be: the least "
    "clearance says how near they came, each taken to stand still from one repair to the next: with a --dt "
    "in "
    "which one goes further than its own width, it may pass through the robot unseen. Lazy checking tests "
    "fewer edges, and its ways may be a few per cent "
    "longer. Boxes grow by the robot's radius along their axes, corners included.\n\n"
    "The robot simulator of the paper is replaced by discs and boxes that move as the file says. The paper "
    "is "
    "cited by the author of its released code; its full list of authors has not been checked.";

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
