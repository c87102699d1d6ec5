#include "optim/engine/random.h"
#include "optim/tools/signals/rankseg_demo_parts.h"
#include "optim/tools/signals/rankseg_exact.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <functional>
#include <limits>

namespace raphson::optim::tools {
namespace {

using report::Cell;

/// The shortest of several runs, in seconds.
double seconds_of(const std::function<void()>& run, int repeats) {
  double shortest = std::numeric_limits<double>::infinity();
  for (int i = 0; i < repeats; ++i) {
    const auto began = std::chrono::steady_clock::now();
    run();
    shortest =
        std::min(shortest, std::chrono::duration<double>(std::chrono::steady_clock::now() - began).count());
  }
  return shortest;
}

/// Probabilities as a segmentation has them: most near 0, few near 1.
std::vector<double> draw_map(std::size_t pixels, std::uint64_t seed) {
  RandomStream random(seed, "growth " + std::to_string(pixels));
  std::vector<double> p(pixels);
  for (double& value : p) value = 1 / (1 + std::exp(1.5 - 2 * random.normal()));
  return p;
}

/// The slope of log y by log x, least squares.
double exponent_of(const report::Series& series) {
  const auto n = static_cast<double>(series.x.size());
  double sx = 0, sy = 0, sxx = 0, sxy = 0;
  for (std::size_t i = 0; i < series.x.size(); ++i) {
    const double x = std::log(series.x[i]), y = std::log(series.y[i]);
    sx += x;
    sy += y;
    sxx += x * x;
    sxy += x * y;
  }
  return (n * sxy - sx * sy) / (n * sxx - sx * sx);
}

struct Growth {
  report::Series linear{.name = "passes"}, sorting{.name = "sorting"}, exact{.name = "exact"};
  int most_passes = 0;
  double most_apart = 0; ///< W of passes and of sorting, relative
  double speed_up = 0;   ///< sorting over passes at the largest size
};

Growth measure(const DemoOptions& options, OverlapMetric metric, std::uint64_t seed, report::Table& table) {
  Growth growth;
  const std::vector<std::size_t> sizes =
      options.brief ? std::vector<std::size_t>{10, 100, 1000, 10'000, 100'000}
                    : std::vector<std::size_t>{10,     30,     100,     300,     1000,     3000,
                                               10'000, 30'000, 100'000, 300'000, 1'000'000};
  const std::size_t most_exact = options.brief ? 1000 : 10'000;
  for (const std::size_t d : sizes) {
    options.say("growth, " + std::to_string(d) + " pixels");
    const std::vector<double> p = draw_map(d, seed);
    TopSet by_passes, by_sorting;
    const int repeats = d <= 10'000 ? 20 : 5;
    const double passes = seconds_of([&] { by_passes = best_top_set(p, metric); }, repeats);
    const double sorting = seconds_of([&] { by_sorting = best_top_set_by_sorting(p, metric); }, repeats);
    double exact = std::numeric_limits<double>::quiet_NaN();
    if (d <= most_exact) {
      exact = seconds_of([&] { exact_curve(ranked(p), metric); }, d <= 1000 ? 3 : 1);
      growth.exact.x.push_back(static_cast<double>(d));
      growth.exact.y.push_back(exact);
    }
    if (d >= 1000) {
      for (report::Series* series : {&growth.linear, &growth.sorting})
        series->x.push_back(static_cast<double>(d));
      growth.linear.y.push_back(passes);
      growth.sorting.y.push_back(sorting);
    }
    growth.most_passes = std::max(growth.most_passes, by_passes.passes);
    growth.most_apart = std::max(growth.most_apart, std::abs(by_passes.score / by_sorting.score - 1));
    growth.speed_up = sorting / passes;
    table.rows.push_back({name_of(metric), d, by_passes.passes, by_passes.count, passes * 1e3, sorting * 1e3,
                          Cell(exact * 1e3), sorting / passes});
  }
  return growth;
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
    const Growth growth = measure(options, metric, rankseg_seeds(options).front(), table);
    const std::string name = std::string(", ") + name_of(metric);
    report.claims.push_back(report::at_most("passes at any number of pixels" + name, growth.most_passes, 12));
    report.claims.push_back(report::at_most("score by passes against that by sorting, relative" + name,
                                            growth.most_apart, 1e-12));
    if (options.brief) continue; // no claim on times in a test
    const double linear = exponent_of(growth.linear), exact = exponent_of(growth.exact);
    exponents.rows.push_back({name_of(metric), linear, exponent_of(growth.sorting), exact});
    report.claims.push_back(
        report::at_most("exponent of the time by passes, 1,000 to 1,000,000 pixels" + name, linear, 1.15));
    report.claims.push_back(
        report::at_least("time by sorting / by passes, 1,000,000 pixels" + name, growth.speed_up, 3));
    if (metric == OverlapMetric::dice)
      report.figures.push_back({"growth",
                                {{{"",
                                   {"Pixels", "", report::Scale::logarithmic},
                                   {"Time", "s", report::Scale::logarithmic},
                                   {growth.linear, growth.sorting, growth.exact}}},
                                 {640, 420},
                                 "Time of a mask by its number of pixels, Dice; the slope is the exponent"}});
  }
  report.tables.push_back({"growth", "Passes and times by the number of pixels", table});
  if (!exponents.rows.empty())
    report.tables.push_back({"exponents",
                             "Exponents of the times over three decades: 1,000 to 1,000,000 pixels, of the "
                             "exact rule 10 to 10,000",
                             exponents});
}

} // namespace raphson::optim::tools
