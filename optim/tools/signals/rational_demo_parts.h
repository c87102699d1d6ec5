// The parts of rational_transfer_function_demo(), each of which adds its tables and claims to the report.
#pragma once

#include "optim/tools/demo.h"

namespace raphson::optim::tools {

/// The kernel against the recursion on random systems whose responses have not died away after 256 samples.
void rational_exactness(report::ToolReport& report, const Seeds& seeds, const DemoOptions& options);

/// What a kernel costs by its length and by its order, against the recursion and against states.
void rational_growth(report::ToolReport& report, const DemoOptions& options);

/// A known filter cloned from a recording through it, against FIR filters by least squares.
void rational_clone(report::ToolReport& report, const Seeds& seeds, const DemoOptions& options);

/// Digits read pixel by pixel, against a layer without poles and a diagonal one.
void rational_digits(report::ToolReport& report, const Seeds& seeds, const DemoOptions& options);

} // namespace raphson::optim::tools
