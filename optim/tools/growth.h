// What a cost grows with: measured at several sizes, the exponent of the line through the points on
// logarithmic axes, and its picture.
//
//   Growth passes{"passes"};
//   for (const std::size_t d : {1000, 10'000, 100'000}) passes.add(d, least_processor_seconds([&] { ... }));
//   report.figures.push_back(growth_figure("growth", "A mask by its pixels", "Pixels", {passes}));
#pragma once

#include "optim/report/tool_report.h"

#include <string>
#include <vector>

namespace raphson::optim::tools {

struct Growth {
  std::string name;
  std::vector<double> size = {}, cost = {}; ///< seconds, multiplications, ...

  void add(double of_size, double measured) {
    size.push_back(of_size);
    cost.push_back(measured);
  }
  /// The slope of log cost over log size, by least squares. Of two sizes or more.
  double exponent() const;
};

/// Processor seconds by size, logarithmic both, with each exponent in the legend.
report::NamedFigure growth_figure(std::string name, std::string caption, std::string size_axis,
                                  const std::vector<Growth>& growths);

} // namespace raphson::optim::tools
