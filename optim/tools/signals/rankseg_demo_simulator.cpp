#include "optim/engine/parallel.h"
#include "optim/engine/random.h"
#include "optim/tools/signals/rankseg_demo_parts.h"
#include "optim/tools/signals/rankseg_exact.h"

#include <algorithm>
#include <cmath>

namespace raphson::optim::tools {
namespace {

/// Beta(1/2, 3), from gamma numbers of these shapes.
double draw_beta(RandomStream& random) {
  const double z = random.normal();
  const double a = z * z / 2, b = -std::log(random.uniform() * random.uniform() * random.uniform());
  return a / (a + b);
}

/// V of the three rules' masks in one sample.
struct Expected {
  double threshold = 0, rma = 0, exact = 0;
};

Expected expected_of(const std::vector<double>& p, OverlapMetric metric) {
  const std::vector<double> order = ranked(p), curve = exact_curve(order, metric);
  const auto at = [&](std::ptrdiff_t t) { return t == 0 ? 0 : curve[static_cast<std::size_t>(t) - 1]; };
  return {at(std::count_if(p.begin(), p.end(), [](double value) { return value > 0.5; })),
          at(static_cast<std::ptrdiff_t>(best_top_set(p, metric).count)),
          at(static_cast<std::ptrdiff_t>(best_count(curve)))};
}

} // namespace

void rankseg_simulator(report::ToolReport& report, const DemoOptions& options) {
  const std::size_t samples = options.brief ? 60 : 300, pixels = 400;
  report::Table table{
      {{"seed"}, {"metric"}, {"p > 0.5"}, {"RankSEG-RMA"}, {"exact"}, {"exact less RMA, worst sample"}}, {}};
  SeedClaims claims(report);
  for (const std::uint64_t seed : rankseg_seeds(options)) {
    options.say("simulator, seed " + std::to_string(seed));
    RandomStream random(seed, "pixel probabilities");
    std::vector<std::vector<double>> maps(samples, std::vector<double>(pixels));
    for (auto& map : maps)
      for (double& p : map) p = draw_beta(random);
    for (const OverlapMetric metric : {OverlapMetric::dice, OverlapMetric::iou}) {
      std::vector<Expected> all(samples);
      parallel_for(samples, options.brief ? 1 : default_threads(),
                   [&](std::size_t i, std::size_t) { all[i] = expected_of(maps[i], metric); });
      Expected mean;
      double worst = 0;
      for (const Expected& e : all) {
        mean.threshold += e.threshold / static_cast<double>(samples);
        mean.rma += e.rma / static_cast<double>(samples);
        mean.exact += e.exact / static_cast<double>(samples);
        worst = std::max(worst, e.exact - e.rma);
      }
      table.rows.push_back({seed, name_of(metric), mean.threshold, mean.rma, mean.exact, worst});
      const std::string name = std::string(", each seed, ") + name_of(metric);
      claims.add(report::at_most("simulator: exact less RMA, mean" + name, mean.exact - mean.rma, 0.001));
      claims.add(report::at_most("simulator: exact less RMA, worst sample" + name, worst, 0.003));
      claims.add(report::at_least("simulator: RMA less p > 0.5" + name, mean.rma - mean.threshold, 0.1));
    }
  }
  report.tables.push_back({"simulator",
                           "Expected overlap of masks of " + std::to_string(pixels)
                               + " independent pixels, probabilities of Beta(1/2, 3)",
                           table});
}

} // namespace raphson::optim::tools
