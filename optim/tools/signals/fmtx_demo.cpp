#include "optim/tools/signals/fmtx_demo.h"

#include "optim/engine/random.h"
#include "optim/tools/signals/fmtx_demo_parts.h"

namespace raphson::optim::tools {

MovingDiscs::MovingDiscs(std::uint64_t seed) {
  RandomStream random(seed, "fmtx discs");
  for (int k = 0; k < 8; ++k) {
    Position centre{random.uniform(0.15, 0.85), random.uniform(0.15, 0.85)};
    velocities_.push_back({0.02 * random.normal(), 0.02 * random.normal()});
    discs_.push_back({.id = "disc " + std::to_string(k + 1), .centre = std::move(centre), .radius = 0.06});
  }
}

void MovingDiscs::step() {
  for (std::size_t i = 0; i < discs_.size(); ++i)
    for (std::size_t k = 0; k < 2; ++k) {
      double& x = discs_[i].centre[k];
      x += velocities_[i][k];
      if (x >= 0.15 && x <= 0.85) continue;
      x = x < 0.15 ? 0.3 - x : 1.7 - x;
      velocities_[i][k] = -velocities_[i][k];
    }
}

PlanningWorld unit_square() {
  return {.name = "the unit square",
          .low = {0, 0},
          .high = {1, 1},
          .start = {0.05, 0.05},
          .goal = {0.95, 0.95},
          .speed = 0.02};
}

report::ToolReport fmtx_demo(const DemoOptions& options) {
  const Seeds seeds = options.seeds_or({1, 2, 3, 4, 5}, 2);
  report::ToolReport report{.title = "FMT^x: the shortest ways at every instant, at a part of the work"};
  report.paragraphs.push_back(
      "Discs move through the unit square; at every tick the ways to the goal are repaired by FMT^x and by "
      "RRT^x, "
      "planned from scratch by FMT*, and compared with Dijkstra's. With eager edges FMT^x and RRT^x must be "
      "exact; "
      "lazily FMT^x may be longer where FMT* is. What each costs is in the table below.");
  fmtx_replanning(report, seeds, options);
  fmtx_limit(report, seeds, options);
  fmtx_growth(report, seeds.front(), options);
  return report;
}

} // namespace raphson::optim::tools
