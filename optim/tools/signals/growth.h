// What time grows with: measured at several sizes, drawn on logarithmic axes, and the exponent of the line
// through the points.
#pragma once

#include "optim/report/tool_report.h"

#include <functional>
#include <string>
#include <vector>

namespace raphson::optim::tools {

/// Processor seconds of one call, the least of several: steady on a busy machine. For one thread.
double processor_seconds(const std::function<void()>& call);

struct Growth {
  std::string what; ///< of the size: "columns"
  std::vector<double> size, seconds;

  /// The slope of log seconds over log size, by least squares.
  double exponent() const;
};

/// The figure NAME and the value "exponent of ...".
void add_growth(report::ToolReport& report, const std::string& name, const std::string& caption,
                const Growth& growth);

} // namespace raphson::optim::tools
