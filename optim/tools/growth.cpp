#include "optim/tools/growth.h"

#include <cmath>

namespace raphson::optim::tools {

double Growth::exponent() const {
  const auto n = static_cast<double>(size.size());
  double x = 0, y = 0, xx = 0, xy = 0;
  for (std::size_t i = 0; i < size.size(); ++i) {
    const double u = std::log(size[i]), v = std::log(cost[i]);
    x += u, y += v, xx += u * u, xy += u * v;
  }
  return (n * xy - x * y) / (n * xx - x * x);
}

report::NamedFigure growth_figure(std::string name, std::string caption, std::string size_axis,
                                  const std::vector<Growth>& growths) {
  report::Plot plot{"",
                    {std::move(size_axis), "", report::Scale::logarithmic},
                    {"Processor time", "s", report::Scale::logarithmic},
                    {}};
  for (const Growth& g : growths)
    plot.series.push_back(
        {g.name + ", exponent " + report::Cell::fixed(g.exponent(), 2).text, g.size, g.cost, {}});
  return {std::move(name), {{std::move(plot)}, {880, 420}, std::move(caption)}};
}

} // namespace raphson::optim::tools
