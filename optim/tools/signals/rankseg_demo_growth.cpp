#include "optim/engine/processor_time.h"
#include "optim/engine/random.h"
#include "optim/tools/growth.h"
#include "optim/tools/signals/rankseg_demo_parts.h"
#include "optim/tools/signals/rankseg_exact.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace raphson::optim::tools {
namespace {

using report::Cell;

using Maps = std::vector<std::vector<double>>;

/// Maps with probabilities as a segmentation has them, most near 0 and few near 1. Many where they are small:
/// of one alone the processor would soon know all comparisons by heart.
Maps draw_maps(std::size_t pixels, std::uint64_t seed) {
  RandomStream random(seed, "growth " + std::to_string(pixels));
  Maps maps(std::clamp<std::size_t>(200'000 / pixels, 1, 2000), std::vector<double>(pixels));
  for (auto& map : maps)
    for (double& p : map) p = 1 / (1 + std::exp(1.5 - 2 * random.normal()));
  return maps;
}

/// Of one map.
template <class Choose> double seconds_a_map(const Maps& maps, const Choose& choose) {
  const auto all = [&] {
    for (const auto& map : maps) choose(map);
  };
  return least_processor_seconds(all) / static_cast<double>(maps.size());
}

struct Study {
  Growth passes{"passes"}, sorting{"sorting"}, exact{"exact"};
  Growth visits{"pixels looked at"};
  int most_passes = 0;
  double most_apart = 0; ///< W of passes and of sorting, relative
  double speed_up = 0;   ///< sorting over passes at the largest size
};

Study measure(const DemoOptions& options, OverlapMetric metric, std::uint64_t seed, report::Table& table) {
  Study study;
  const std::vector<std::size_t> sizes =
      options.brief ? std::vector<std::size_t>{10, 100, 1000, 10'000, 100'000}
                    : std::vector<std::size_t>{10,     30,     100,     300,     1000,     3000,
                                               10'000, 30'000, 100'000, 300'000, 1'000'000};
  const std::size_t most_exact = options.brief ? 1000 : 10'000;
  for (const std::size_t d : sizes) {
    options.say("growth, " + std::to_string(d) + " pixels");
    const Maps maps = draw_maps(d, seed);
    const std::vector<double>& p = maps.front();
    const TopSet by_passes = best_top_set(p, metric), by_sorting = best_top_set_by_sorting(p, metric);
    const auto size = static_cast<double>(d);
    const double passes = seconds_a_map(maps, [&](const auto& map) { best_top_set(map, metric); });
    const double sorting =
        seconds_a_map(maps, [&](const auto& map) { best_top_set_by_sorting(map, metric); });
    double exact = std::numeric_limits<double>::quiet_NaN();
    if (d <= most_exact) {
      exact = least_processor_seconds([&] { exact_curve(ranked(p), metric); });
      study.exact.add(size, exact);
    }
    if (d >= 1000) {
      study.passes.add(size, passes);
      study.visits.add(size, size * by_passes.passes);
      study.sorting.add(size, sorting);
    }
    study.most_passes = std::max(study.most_passes, by_passes.passes);
    study.most_apart = std::max(study.most_apart, std::abs(by_passes.score / by_sorting.score - 1));
    study.speed_up = sorting / passes;
    table.rows.push_back({name_of(metric), d, by_passes.passes, by_passes.count, passes * 1e3, sorting * 1e3,
                          Cell(exact * 1e3), sorting / passes});
  }
  return study;
}

} // namespace

void rankseg_growth(report::ToolReport& report, const DemoOptions& options) {
  report::Table table{{{"metric"},
                       {"pixels"},
                       {"passes"},
                       {"kept"},
                       {"passes (ms)"},
                       {"sorting (ms)"},
                       {"exact (ms)"},
                       {"sorting / passes"}},
                      {}};
  report::Table exponents{{{"metric"}, {"pixels looked at"}, {"time by passes"}, {"by sorting"}, {"exact"}},
                          {}};
  for (const OverlapMetric metric : {OverlapMetric::dice, OverlapMetric::iou}) {
    const Study study = measure(options, metric, rankseg_seeds(options).front(), table);
    const std::string name = std::string(", ") + name_of(metric);
    report.claims.push_back(report::at_most("passes at any number of pixels" + name, study.most_passes, 12));
    report.claims.push_back(
        report::at_most("score by passes against that by sorting, relative" + name, study.most_apart, 1e-12));
    if (options.brief) continue; // no claim on times in a test
    exponents.rows.push_back({name_of(metric), study.visits.exponent(), study.passes.exponent(),
                              study.sorting.exponent(), study.exact.exponent()});
    report.claims.push_back(report::at_most("exponent of the pixels looked at, 1,000 to 1,000,000" + name,
                                            study.visits.exponent(), 1.05));
    // Above 1 since a pixel costs several times as much beyond the cache as in it.
    report.claims.push_back(
        report::at_most("exponent of the time by passes" + name, study.passes.exponent(), 1.2));
    report.claims.push_back(
        report::at_least("time by sorting / by passes, 1,000,000 pixels" + name, study.speed_up, 2));
    if (metric == OverlapMetric::dice)
      report.figures.push_back(growth_figure("growth", "A mask by its number of pixels, Dice", "Pixels",
                                             {study.passes, study.sorting, study.exact}));
  }
  report.tables.push_back({"growth", "Passes and processor times by the number of pixels", table});
  if (!exponents.rows.empty())
    report.tables.push_back(
        {"exponents",
         "Exponents over three decades: 1,000 to 1,000,000 pixels, of the exact rule 10 to "
         "10,000. A pass looks at every pixel; beyond the cache each takes longer",
         exponents});
}

} // namespace raphson::optim::tools
