#include "optim/engine/processor_time.h"
#include "optim/engine/svd.h"
#include "optim/tools/growth.h"
#include "optim/tools/signals/lp_demo_parts.h"

namespace raphson::optim::tools {
namespace {

using Eigen::Index;

/// Seconds of one iteration from a given A.
double iteration_seconds(const Matrix& y, double p) {
  Matrix a = Matrix::Identity(y.rows(), y.rows());
  return least_processor_seconds(
      [&] { a = polar_factor(lp_gradient(columns_of(y), {}, a, p).product).factor; });
}

} // namespace

void lp_growth(report::ToolReport& report, const DemoOptions& options) {
  options.say("growth");
  Growth columns{"n = 16 rows"}, rows{"r = 10,000 columns"};
  for (const Index r : {1000, 3000, 10000, 30000, 100000, 300000, 1000000})
    columns.add(static_cast<double>(r), iteration_seconds(known_dictionary(16, r, 0.1, 0, 1).y, 3));
  for (const Index n : {4, 8, 16, 32, 64, 128, 256})
    rows.add(static_cast<double>(n), iteration_seconds(known_dictionary(n, 10000, 0.1, 0, 1).y, 3));
  report.figures.push_back(
      growth_figure("growth-columns", "An iteration by the columns r", "Columns r", {columns}));
  report.figures.push_back(growth_figure("growth-rows", "An iteration by the rows n", "Rows n", {rows}));
  report.claims.push_back(
      report::at_most("exponent of an iteration's time by the columns r", columns.exponent(), 1.15));
  report.claims.push_back(
      report::at_most("exponent of an iteration's time by the rows n", rows.exponent(), 2.2));
}

} // namespace raphson::optim::tools
