#include "optim/tools/signals/fmt_star.h"

#include <limits>

namespace raphson::optim::tools {
namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();

class Run {
public:
  Run(const SampleGraph& graph, const Obstacles& obstacles)
      : graph_(graph),
        roads_(graph, EdgeCheck::lazy), plan_{std::vector<double>(static_cast<std::size_t>(graph.size()),
                                                                  infinity),
                                              {}},
        open_(graph.size()) {
    roads_.update(obstacles);
    plan_.cost[0] = 0;
    open_.set(0, 0);
  }

  FmtStarPlan to(std::optional<int> robot) {
    while (!open_.empty()) {
      const int z = open_.top();
      if (robot && z == *robot) break;
      expand(z);
    }
    plan_.work.edge_tests = roads_.tests();
    return std::move(plan_);
  }

private:
  void expand(int z) {
    new_.clear();
    for (int edge = graph_.begin(z); edge < graph_.end(z); ++edge)
      if (plan_.cost[graph_.target[edge]] == infinity) connect(graph_.target[edge]);
    plan_.work.relaxations += graph_.end(z) - graph_.begin(z);
    open_.erase(z);
    for (const int node : new_) open_.set(node, plan_.cost[node]);
    ++plan_.work.expanded;
  }

  void connect(int node) {
    double best = infinity;
    int through = -1;
    for (int edge = graph_.begin(node); edge < graph_.end(node); ++edge) {
      const int other = graph_.target[edge];
      if (!open_.contains(other) || plan_.cost[other] + graph_.length[edge] >= best) continue;
      best = plan_.cost[other] + graph_.length[edge];
      through = edge;
    }
    plan_.work.relaxations += graph_.end(node) - graph_.begin(node);
    if (through < 0 || !roads_.free(through, node)) return;
    plan_.cost[node] = best;
    new_.push_back(node);
  }

  const SampleGraph& graph_;
  RoadMap roads_;
  FmtStarPlan plan_;
  AddressableHeap<double> open_;
  std::vector<int> new_;
};

} // namespace

FmtStarPlan fmt_star(const SampleGraph& graph, const Obstacles& obstacles, std::optional<int> robot) {
  return Run(graph, obstacles).to(robot);
}

} // namespace raphson::optim::tools
