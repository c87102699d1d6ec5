#include "optim/engine/random.h"
#include "optim/tools/signals/growth.h"
#include "optim/tools/signals/rankseg_demo_parts.h"
#include "optim/tools/signals/rankseg_exact.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace raphson::optim::tools {
namespace {

using report::Cell;

/// Probabilities as a segmentation has them: most near 0, few near 1.
std::vector<double> draw_map(std::size_t pixels, std::uint64_t seed) {
  RandomStream random(seed, "growth " + std::to_string(pixels));
  std::vector<double> p(pixels);
  for (double& value : p) value = 1 / (1 + std::exp(1.5 - 2 * random.normal()));
  return p;
}

struct Study {
  Growth passes{"pixels", {}, {}}, sorting{"pixels", {}, {}}, exact{"pixels", {}, {}};
  int most_passes = 0;
  double most_apart = 0; ///< W of passes and of sorting, relative
  double speed_up = 0;   ///< sorting over passes at the largest size
};

report::Series series_of(const std::string& name, const Growth& growth) {
  return {.name = name, .x = growth.size, .y = growth.seconds};
}

Study measure(const DemoOptions& options, OverlapMetric metric, std::uint64_t seed, report::Table& table) {
  Study study;
  const std::vector<std::size_t> sizes =
      options.brief ? std::vector<std::size_t>{10, 100, 1000, 10'000, 100'000}
                    : std::vector<std::size_t>{10,     30,     100,     300,     1000,     3000,
                                               10'000, 30'000, 100'000, 300'000, 1'000'000};
  const std::size_t most_exact = options.brief ? 1000 : 10'000;
  for (const std::size_t d : sizes) {
    options.say("growth, " + std::to_string(d) + " pixels");
    const std::vector<double> p = draw_map(d, seed);
    TopSet by_passes, by_sorting;
    const auto size = static_cast<double>(d);
    const double passes = processor_seconds([&] { by_passes = best_top_set(p, metric); });
    const double sorting = processor_seconds([&] { by_sorting = best_top_set_by_sorting(p, metric); });
    double exact = std::numeric_limits<double>::quiet_NaN();
    if (d <= most_exact) {
      exact = processor_seconds([&] { exact_curve(ranked(p), metric); });
      study.exact.size.push_back(size);
      study.exact.seconds.push_back(exact);
    }
    if (d >= 1000) {
      study.passes.size.push_back(size);
      study.passes.seconds.push_back(passes);
      study.sorting.size.push_back(size);
      study.sorting.seconds.push_back(sorting);
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
  report::Table exponents{{{"metric"}, {"passes"}, {"sorting"}, {"exact"}}, {}};
  for (const OverlapMetric metric : {OverlapMetric::dice, OverlapMetric::iou}) {
    const Study study = measure(options, metric, rankseg_seeds(options).front(), table);
    const std::string name = std::string(", ") + name_of(metric);
    report.claims.push_back(report::at_most("passes at any number of pixels" + name, study.most_passes, 12));
    report.claims.push_back(
        report::at_most("score by passes against that by sorting, relative" + name, study.most_apart, 1e-12));
    if (options.brief) continue; // no claim on times in a test
    const double linear = study.passes.exponent();
    exponents.rows.push_back({name_of(metric), linear, study.sorting.exponent(), study.exact.exponent()});
    report.claims.push_back(
        report::at_most("exponent of the time by passes, 1,000 to 1,000,000 pixels" + name, linear, 1.15));
    report.claims.push_back(
        report::at_least("time by sorting / by passes, 1,000,000 pixels" + name, study.speed_up, 3));
    if (metric == OverlapMetric::dice)
      report.figures.push_back(
          {"growth",
           {{{"",
              {"Pixels", "", report::Scale::logarithmic},
              {"Processor time", "s", report::Scale::logarithmic},
              {series_of("passes", study.passes), series_of("sorting", study.sorting),
               series_of("exact", study.exact)}}},
            {640, 420},
            "Processor time of a mask by its number of pixels, Dice; the slope is the exponent"}});
  }
  report.tables.push_back({"growth", "Passes and processor times by the number of pixels", table});
  if (!exponents.rows.empty())
    report.tables.push_back({"exponents",
                             "Exponents of the times over three decades: 1,000 to 1,000,000 pixels, of the "
                             "exact rule 10 to 10,000",
                             exponents});
}

} // namespace raphson::optim::tools
