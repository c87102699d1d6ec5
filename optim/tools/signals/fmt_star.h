// FMT*, planning from scratch: L. Janson, E. Schmerling, A. Clark & M. Pavone, "Fast Marching Tree: A Fast
// Marching Sampling-Based Method for Optimal Motion Planning in Many Dimensions", IJRR 34 (2015).
#pragma once

#include "optim/tools/signals/fmtx.h"

namespace raphson::optim::tools {

struct FmtStarPlan {
  std::vector<double> cost; ///< of each node's way to node 0; infinite: none, or not looked at
  PlanningWork work;
};

/// The whole tree, or until the robot's node is expanded. Edges are tested when they are about to be used,
/// each at most once.
FmtStarPlan fmt_star(const SampleGraph& graph, const Obstacles& obstacles, std::optional<int> robot = {});

} // namespace raphson::optim::tools
