// What `raphson fmtx` says of a drive, and its pictures.
#pragma once

#include "optim/report/scene_panels.h"
#include "optim/report/tool_report.h"
#include "optim/tools/signals/fmtx_drive.h"

namespace raphson::optim::tools {

/// `moves`: whether any obstacle moves.
report::ToolReport drive_report(const PlanningWorld& world, const Drive& drive, const DriveOptions& options,
                                bool moves);

/// The tree, the obstacles, the way and the robot of one moment; of a world in the plane.
report::ScenePanel scene(const PlanningWorld& world, const std::vector<double>& samples,
                         const DriveFrame& frame, const std::string& caption);

} // namespace raphson::optim::tools
