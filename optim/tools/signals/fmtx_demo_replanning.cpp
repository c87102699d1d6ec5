#include "optim/engine/parallel.h"
#include "optim/engine/processor_time.h"
#include "optim/report/scene_panels.h"
#include "optim/tools/signals/fmt_star.h"
#include "optim/tools/signals/fmtx_demo_parts.h"
#include "optim/tools/signals/fmtx_report.h"
#include "optim/tools/signals/rrtx.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>

namespace raphson::optim::tools {
namespace {

using report::at_least;
using report::at_most;
using report::Cell;

constexpr double infinity = std::numeric_limits<double>::infinity();
constexpr int start = 1;

double gap(double a, double b) { return a == b ? 0 : std::abs(a - b); }

double ratio(double way, double shortest) {
  if (shortest == infinity) return way == infinity ? 1 : infinity;
  return shortest == 0 ? 1 : way / shortest;
}

enum Arm { whole, early, lazy, star, star_early, rrtx, rrtx_early, arms };
constexpr const char* arm_names[] = {"FMT^x, whole tree",
                                     "FMT^x, early exit",
                                     "FMT^x, lazy, whole tree",
                                     "FMT* from scratch",
                                     "FMT* from scratch, early exit",
                                     "RRT^x, whole tree",
                                     "RRT^x, early exit"};

struct Study {
  int samples = 0, ticks = 0;
  PlanningWork work[arms];
  double seconds[arms] = {};
  double gap_whole = 0, gap_early = 0, gap_rrtx = 0, gap_rrtx_early = 0; // largest, to Dijkstra
  double lazy_worst = 1, lazy_best = 1, lazy_robot = 1, lazy_differ = 0,
         star_worst = 1; // way over Dijkstra's
  std::int64_t idle = 0; // work of a tick without change
  std::vector<report::ScenePanel> panels;

  double expanded(Arm arm) const { return static_cast<double>(work[arm].expanded) / ticks / samples; }
  double tests(Arm arm) const { return static_cast<double>(work[arm].edge_tests) / ticks; }
};

class Trial {
public:
  Trial(std::uint64_t seed, int samples, int ticks)
      : world_(unit_square()),
        graph_(sample_world(world_, nullptr, samples, seed), 2, connection_radius(samples, 2, 1, 1.1)),
        discs_(seed), whole_(graph_, EdgeCheck::eager), early_(graph_, EdgeCheck::eager),
        lazy_(graph_, EdgeCheck::lazy), rrtx_(graph_), rrtx_early_(graph_) {
    study_.samples = samples;
    study_.ticks = ticks;
  }

  Study run(bool pictures) {
    for (int tick = 0; tick <= study_.ticks; ++tick) {
      if (tick == 1) { // repairs are what is measured, not the first plan
        std::fill_n(study_.work, arms, PlanningWork{});
        std::fill_n(study_.seconds, arms, 0.0);
      }
      plan_all();
      compare(shortest_ways(graph_, discs_.obstacles()));
      if (pictures && tick % (study_.ticks / 5) == 0) keep_picture(tick);
      idle();
      discs_.step();
    }
    return std::move(study_);
  }

private:
  template <class Work> void timed(Arm arm, const Work& work) {
    PlanningWork done;
    study_.seconds[arm] += processor_seconds_of([&] { done = work(); });
    PlanningWork& sum = study_.work[arm];
    sum.orphans += done.orphans;
    sum.expanded += done.expanded;
    sum.relaxations += done.relaxations;
    sum.edge_tests += done.edge_tests;
  }

  template <class Planner> void repair(Arm arm, Planner& planner, std::optional<int> robot) {
    timed(arm, [&] {
      const PlanningWork before = planner.work();
      planner.update(discs_.obstacles());
      planner.plan(robot);
      return planner.work().since(before);
    });
  }

  void plan_all() {
    repair(whole, whole_, {});
    repair(early, early_, start);
    repair(lazy, lazy_, {});
    repair(rrtx, rrtx_, {});
    repair(rrtx_early, rrtx_early_, start);
    timed(star, [&] {
      star_plan_ = fmt_star(graph_, discs_.obstacles());
      return star_plan_.work;
    });
    timed(star_early, [&] { return fmt_star(graph_, discs_.obstacles(), start).work; });
  }

  void compare(const std::vector<double>& shortest) {
    int differ = 0;
    for (int node = 0; node < graph_.size(); ++node) {
      const double lazily = ratio(lazy_.cost(node), shortest[node]);
      study_.gap_whole = std::max(study_.gap_whole, gap(whole_.cost(node), shortest[node]));
      study_.gap_rrtx = std::max(study_.gap_rrtx, gap(rrtx_.cost(node), shortest[node]));
      study_.lazy_worst = std::max(study_.lazy_worst, lazily);
      study_.lazy_best = std::min(study_.lazy_best, lazily);
      study_.star_worst = std::max(study_.star_worst, ratio(star_plan_.cost[node], shortest[node]));
      differ += lazily > 1 + 1e-9;
    }
    study_.lazy_differ += static_cast<double>(differ) / graph_.size() / (study_.ticks + 1);
    study_.lazy_robot = std::max(study_.lazy_robot, ratio(lazy_.cost(start), shortest[start]));
    study_.gap_early = std::max(study_.gap_early, gap(early_.cost(start), shortest[start]));
    study_.gap_rrtx_early = std::max(study_.gap_rrtx_early, gap(rrtx_early_.cost(start), shortest[start]));
  }

  // The same obstacles once more: nothing may be done.
  void idle() {
    const PlanningWork before = whole_.work();
    whole_.update(discs_.obstacles());
    whole_.plan();
    const PlanningWork done = whole_.work().since(before);
    study_.idle += done.expanded + done.orphans + done.relaxations + done.edge_tests + done.edge_changes;
  }

  void keep_picture(int tick) {
    DriveFrame frame{0, discs_.obstacles(), {}, {}};
    for (int node = 0; node < graph_.size(); ++node) frame.parents.push_back(whole_.tree().parent(node));
    for (const int node : whole_.path(start))
      frame.route.emplace_back(graph_.point(node).begin(), graph_.point(node).end());
    study_.panels.push_back(scene(world_, graph_.points, frame, "tick " + std::to_string(tick)));
  }

  PlanningWorld world_;
  SampleGraph graph_;
  MovingDiscs discs_;
  FmtX whole_, early_, lazy_;
  RrtX rrtx_, rrtx_early_;
  FmtStarPlan star_plan_;
  Study study_;
};

template <class Figure> double largest(const std::vector<Study>& studies, const Figure& figure) {
  double most = -infinity;
  for (const Study& study : studies) most = std::max(most, static_cast<double>(std::invoke(figure, study)));
  return most;
}

void add_claims(report::ToolReport& report, const std::vector<Study>& studies) {
  const auto most = [&](const std::string& what, auto figure, double limit) {
    report.claims.push_back(at_most(what, largest(studies, figure), limit));
  };
  most("eager, whole tree: largest gap to Dijkstra, all nodes and ticks", &Study::gap_whole, 1e-9);
  most("eager, early exit: the same at the robot", &Study::gap_early, 1e-9);
  most("RRT^x: largest gap to Dijkstra, all nodes and ticks", &Study::gap_rrtx, 1e-9);
  most("RRT^x, early exit: the same at the robot", &Study::gap_rrtx_early, 1e-9);
  // FMT* from scratch sets the measure: its one untried candidate beside a disc is now and then the only good
  // one. Over 12 seeds its longest way was 1.04 to 1.41 times Dijkstra's, and FMT^x's the same one each time:
  // the limit of the second of these claims holds for the card's seeds, not for all.
  most(
      "lazy: longest way, FMT^x / FMT* from scratch",
      [](const Study& s) { return s.lazy_worst / s.star_worst; }, 1.02);
  most("lazy: longest way over Dijkstra's, on these seeds", &Study::lazy_worst, 1.25);
  most("lazy: nodes whose way is longer than Dijkstra's, mean share", &Study::lazy_differ, 0.04);
  most("lazy: the robot's way over Dijkstra's", &Study::lazy_robot, 1.05);
  report.claims.push_back(at_least("lazy: shortest way over Dijkstra's",
                                   -largest(studies, [](const Study& s) { return -s.lazy_best; }), 1 - 1e-9));
  most("work of a tick without change", &Study::idle, 0);
  most(
      "whole tree: nodes expanded a tick / n, largest seed", [](const Study& s) { return s.expanded(whole); },
      0.7);
  most(
      "early exit: nodes expanded, FMT^x / FMT* from scratch, largest seed",
      [](const Study& s) { return s.expanded(early) / s.expanded(star_early); }, 1);
  most(
      "edge tests, lazy FMT^x / FMT* from scratch, largest seed",
      [](const Study& s) { return s.tests(lazy) / s.tests(star); }, 1);
}

report::Table work_table(const std::vector<Study>& studies) {
  report::Table table{{{"planner"},
                       {"expanded / n"},
                       {"least seed"},
                       {"largest seed"},
                       {"orphans"},
                       {"edges looked at"},
                       {"edge tests"},
                       {"ms"}},
                      {}};
  for (int a = 0; a < arms; ++a) {
    const Arm arm = static_cast<Arm>(a);
    double expanded = 0, least = infinity, most = 0, orphans = 0, looked = 0, tests = 0, ms = 0;
    for (const Study& s : studies) {
      const double share = 1.0 / static_cast<double>(studies.size());
      expanded += share * s.expanded(arm);
      least = std::min(least, s.expanded(arm));
      most = std::max(most, s.expanded(arm));
      orphans += share * static_cast<double>(s.work[a].orphans) / s.ticks;
      looked += share * static_cast<double>(s.work[a].relaxations) / s.ticks;
      tests += share * s.tests(arm);
      ms += share * 1000 * s.seconds[a] / s.ticks;
    }
    table.rows.push_back({arm_names[a], Cell::fixed(expanded, 3), Cell::fixed(least, 3), Cell::fixed(most, 3),
                          Cell::fixed(orphans, 0), Cell::fixed(looked, 0), Cell::fixed(tests, 0),
                          Cell::significant(ms, 3)});
  }
  return table;
}

} // namespace

void fmtx_replanning(report::ToolReport& report, const Seeds& seeds, const DemoOptions& options) {
  const int samples = options.brief ? 500 : 2000, ticks = options.brief ? 15 : 40;
  std::vector<Study> studies(seeds.size());
  options.say("moving discs");
  parallel_for(seeds.size(), default_threads(),
               [&](std::size_t i, std::size_t) { studies[i] = Trial(seeds[i], samples, ticks).run(i == 0); });
  add_claims(report, studies);
  report.tables.push_back({"work",
                           "Work of a tick, mean of " + std::to_string(ticks) + " ticks and "
                               + std::to_string(seeds.size()) + " seeds, " + std::to_string(samples)
                               + " samples, 8 moving discs",
                           work_table(studies)});
  report.images.push_back({"strip", report::panels_svg(studies.front().panels, 280, 3),
                           "The tree (grey) repaired as the discs (orange) move, the way from the start "
                           "(blue) to the goal (green)"});
}

} // namespace raphson::optim::tools
