// The parts of FMT^x's experiment.
#pragma once

#include "optim/tools/demo.h"
#include "optim/tools/signals/fmtx_world.h"

#include <span>

namespace raphson::optim::tools {

/// Eight discs of radius 0.06 in the unit square, reflected at 0.15 and 0.85, velocity N(0, 0.02) a tick.
class MovingDiscs {
public:
  explicit MovingDiscs(std::uint64_t seed);
  void step();
  const Obstacles& obstacles() const { return discs_; }

private:
  Obstacles discs_;
  std::vector<Position> velocities_;
};

/// Goal (0.95, 0.95), start (0.05, 0.05), nothing else.
PlanningWorld unit_square();

void fmtx_replanning(report::ToolReport& report, std::span<const std::uint64_t> seeds,
                     const DemoOptions& options);
void fmtx_limit(report::ToolReport& report, std::span<const std::uint64_t> seeds, const DemoOptions& options);
void fmtx_growth(report::ToolReport& report, std::uint64_t seed, const DemoOptions& options);

} // namespace raphson::optim::tools
