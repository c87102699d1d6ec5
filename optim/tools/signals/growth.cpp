#include "optim/tools/signals/growth.h"

#include <algorithm>
#include <cmath>
#include <ctime>
#include <limits>

namespace raphson::optim::tools {

double processor_seconds(const std::function<void()>& call) {
  double best = std::numeric_limits<double>::infinity(), all = 0;
  for (int repetition = 0; repetition < 7 && (repetition < 2 || all < 0.5); ++repetition) {
    // Short calls are repeated until the clock's step is nothing to them.
    int calls = 0;
    const std::clock_t begin = std::clock();
    double seconds = 0;
    do {
      call();
      ++calls;
      seconds = static_cast<double>(std::clock() - begin) / CLOCKS_PER_SEC;
    } while (seconds < 2e-3);
    best = std::min(best, seconds / calls);
    all += seconds;
  }
  return best;
}

double Growth::exponent() const {
  const auto n = static_cast<double>(size.size());
  double x = 0, y = 0, xx = 0, xy = 0;
  for (std::size_t i = 0; i < size.size(); ++i) {
    const double u = std::log(size[i]), v = std::log(seconds[i]);
    x += u, y += v, xx += u * u, xy += u * v;
  }
  return (n * xy - x * y) / (n * xx - x * x);
}

void add_growth(report::ToolReport& report, const std::string& name, const std::string& caption,
                const Growth& growth) {
  const double exponent = growth.exponent();
  const std::string text = report::Cell::fixed(exponent, 2).text;
  report.values.push_back(
      {"seconds grow as " + growth.what + " to the power", report::Cell::fixed(exponent, 2)});
  const report::Series points{"measured, exponent " + text, growth.size, growth.seconds, {}};
  report.figures.push_back({name,
                            {{{caption,
                               {growth.what, "", report::Scale::logarithmic},
                               {"Processor time", "s", report::Scale::logarithmic},
                               {points}}},
                             {880, 340},
                             caption + ": exponent " + text}});
}

} // namespace raphson::optim::tools
