#include "catch.h"

#include "optim/report/axis.h"

#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

using namespace raphson::optim::report;

namespace {
std::string labels(Scale scale, Range range, int most) {
  std::string out;
  for (const Tick& tick : make_ticks(scale, range, most))
    if (!tick.label.empty()) out += (out.empty() ? "" : " ") + tick.label;
  return out;
}
} // namespace

TEST_CASE("ticks that people expect", "[report]") {
  CHECK(labels(Scale::linear, {0, 1}, 6) == "0 0.2 0.4 0.6 0.8 1.0");
  CHECK(labels(Scale::decibel, {-60, 0}, 7) == "−60 −48 −36 −24 −12 0");
  CHECK(labels(Scale::decibel, {-9, 0.5}, 4) == "−9 −6 −3 0");
  CHECK(labels(Scale::time, {0, 3600}, 8) == "0:00 10:00 20:00 30:00 40:00 50:00 1:00:00");
  CHECK(labels(Scale::time, {0, 4}, 5) == "0 1 2 3 4");
  CHECK(labels(Scale::count, {0, 3}, 10) == "0 1 2 3");
  CHECK(labels(Scale::logarithmic, {20, 20000}, 12) == "20 50 100 200 500 1k 2k 5k 10k 20k");
  CHECK(labels(Scale::logarithmic, {1000, 1e6}, 6) == "1k 10k 100k 1M");
  CHECK(labels(Scale::logarithmic, {1e-9, 1}, 5) == "10⁻⁸ 10⁻⁶ 10⁻⁴ 10⁻² 1");
  CHECK(labels(Scale::linear, {0, 3e-5}, 4) == "0 1×10⁻⁵ 2×10⁻⁵ 3×10⁻⁵");
  CHECK(labels(Scale::linear, {0, 2e7}, 3) == "0 1×10⁷ 2×10⁷");
}

TEST_CASE("ticks stay inside, ascend, and keep to their number", "[report]") {
  const std::vector<Range> ranges{{0, 1},     {-1e-12, 1e-12}, {3.7, 3.9}, {1e6, 1e6 + 1e-3}, {-1e300, 1e300},
                                  {0.1, 0.2}, {1e-300, 1e300}, {1, 1.05},  {0.9, 1100},       {1e-5, 86400}};
  for (const Scale scale : {Scale::linear, Scale::logarithmic, Scale::decibel, Scale::time, Scale::count})
    for (const Range range : ranges)
      for (const int most : {1, 2, 5, 9, 20}) {
        if (scale == Scale::logarithmic && range.low <= 0) continue;
        const auto ticks = make_ticks(scale, range, most);
        INFO("scale " << static_cast<int>(scale) << " from " << range.low << " to " << range.high << ", "
                      << most);
        CHECK(std::count_if(ticks.begin(), ticks.end(), [](const Tick& t) { return !t.label.empty(); })
              <= most);
        for (std::size_t i = 0; i < ticks.size(); ++i) {
          const double position = axis_position(scale, range, ticks[i].value);
          CHECK(position > -1e-6);
          CHECK(position < 1 + 1e-6);
          if (i > 0) CHECK(ticks[i].value > ticks[i - 1].value);
        }
      }
}

TEST_CASE("axis positions and titles", "[report]") {
  CHECK(axis_position(Scale::logarithmic, {20, 20000}, 200) == Approx(1.0 / 3));
  CHECK(std::isnan(axis_position(Scale::logarithmic, {1, 10}, 0)));
  CHECK(axis_title({"Attack", "ms"}, {0, 1}) == "Attack (ms)");
  CHECK(axis_title({"Time", "s", Scale::time}, {0, 600}) == "Time (min:s)");
  CHECK(axis_title({"Time", "s", Scale::time}, {0, 7200}) == "Time (h:min:s)");
  const Range wide = widen_to_ticks(Scale::decibel, {-8.7, -0.2}, 4);
  CHECK(wide.low == -9);
  CHECK(wide.high == 0);
}
