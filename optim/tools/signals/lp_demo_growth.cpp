#include "optim/engine/svd.h"
#include "optim/tools/signals/growth.h"
#include "optim/tools/signals/lp_demo_parts.h"

namespace raphson::optim::tools {
namespace {

using Eigen::Index;

/// Seconds of one iteration from a given A.
double iteration_seconds(const Matrix& y, double p) {
  Matrix a = Matrix::Identity(y.rows(), y.rows());
  return processor_seconds([&] { a = polar_factor(lp_gradient(columns_of(y), {}, a, p).product).factor; });
}

} // namespace

void lp_growth(report::ToolReport& report, const DemoOptions& options) {
  options.say("growth");
  Growth columns{"columns", {}, {}}, rows{"rows", {}, {}};
  for (const Index r : {1000, 3000, 10000, 30000, 100000, 300000, 1000000}) {
    columns.size.push_back(static_cast<double>(r));
    columns.seconds.push_back(iteration_seconds(known_dictionary(16, r, 0.1, 0, 1).y, 3));
  }
  for (const Index n : {4, 8, 16, 32, 64, 128, 256}) {
    rows.size.push_back(static_cast<double>(n));
    rows.seconds.push_back(iteration_seconds(known_dictionary(n, 10000, 0.1, 0, 1).y, 3));
  }
  add_growth(report, "growth-columns", "An iteration by the columns r, n = 16 rows", columns);
  add_growth(report, "growth-rows", "An iteration by the rows n, r = 10,000 columns", rows);
}

} // namespace raphson::optim::tools
