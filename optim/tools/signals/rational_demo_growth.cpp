#include "optim/engine/processor_time.h"
#include "optim/engine/rational_kernel.h"
#include "optim/engine/types.h"
#include "optim/tools/growth.h"
#include "optim/tools/signals/rational_demo_parts.h"

#include <algorithm>

namespace raphson::optim::tools {
namespace {

RationalCoefficients coefficients(std::size_t order) {
  return {1, std::vector<double>(order, 0.5 / static_cast<double>(order)), std::vector<double>(order, 0.1)};
}

double kernel_seconds(const RationalCoefficients& c, std::size_t length) {
  return least_processor_seconds([&] { rational_kernel(c, length); });
}

/// The same samples by the recursion in direct form: n L multiply-adds, twice.
double recursion_seconds(const RationalCoefficients& c, std::size_t length) {
  const auto polynomials = to_recursion(c, length);
  std::vector<double> k(length);
  return least_processor_seconds([&] {
    std::fill(k.begin(), k.end(), 0.0);
    k[0] = 1;
    dsp::RationalRecursion<double>(polynomials).process(k);
  });
}

/// By states, x <- A x, with A dense as state-space models have it: n^2 L.
double state_seconds(const RationalCoefficients& c, std::size_t length) {
  const auto n = static_cast<Eigen::Index>(c.a.size());
  Matrix companion = Matrix::Zero(n, n);
  companion.diagonal(-1).setOnes();
  companion.row(0) = -Eigen::Map<const Eigen::RowVectorXd>(c.a.data(), n);
  const Eigen::Map<const Vector> b(c.b.data(), n);
  Vector k(static_cast<Eigen::Index>(length)), next(n);
  return least_processor_seconds([&] {
    Vector x = Vector::Unit(n, 0);
    k[0] = c.h0;
    for (Eigen::Index t = 1; t < k.size(); ++t) {
      k[t] = b.dot(x);
      next.noalias() = companion * x;
      x.swap(next);
    }
  });
}

} // namespace

void rational_growth(report::ToolReport& report, const DemoOptions& options) {
  Growth kernel_by_length{"kernel"}, recursion_by_length{"recursion"};
  report::Table by_length{{{"samples"}, {"kernel (us)"}, {"recursion (us)"}}, {}};
  for (std::size_t length = 512; length <= 524288; length *= 4) {
    options.say("growth, " + std::to_string(length) + " samples");
    const RationalCoefficients c = coefficients(16);
    const auto size = static_cast<double>(length);
    kernel_by_length.add(size, kernel_seconds(c, length));
    recursion_by_length.add(size, recursion_seconds(c, length));
    by_length.rows.push_back({length, report::Cell::significant(1e6 * kernel_by_length.cost.back(), 3),
                              report::Cell::significant(1e6 * recursion_by_length.cost.back(), 3)});
  }

  constexpr std::size_t length = 8192, largest_state = 256;
  Growth kernel{"kernel"}, recursion{"recursion"}, states{"states, dense"};
  report::Table by_order{{{"order"}, {"kernel (us)"}, {"recursion (us)"}, {"states, dense (us)"}}, {}};
  for (std::size_t n = 4; n <= 4096; n *= 4) {
    options.say("growth, order " + std::to_string(n));
    const RationalCoefficients c = coefficients(n);
    const auto size = static_cast<double>(n);
    kernel.add(size, kernel_seconds(c, length));
    recursion.add(size, recursion_seconds(c, length));
    if (n <= largest_state) states.add(size, state_seconds(c, length));
    by_order.rows.push_back(
        {n, report::Cell::significant(1e6 * kernel.cost.back(), 3),
         report::Cell::significant(1e6 * recursion.cost.back(), 3),
         n <= largest_state ? report::Cell::significant(1e6 * states.cost.back(), 3) : report::Cell("")});
  }
  report.tables.push_back({"length", "A kernel of order 16 by its length", by_length});
  report.tables.push_back({"order", "A kernel of 8192 samples by its order", by_order});
  report.figures.push_back(growth_figure("growth-length", "A kernel of order 16 by its length", "Samples",
                                         {kernel_by_length, recursion_by_length}));
  report.figures.push_back(growth_figure("growth-order", "A kernel of 8192 samples by its order", "Order",
                                         {kernel, recursion, states}));
  report.claims.push_back(
      report::at_most("exponent of a kernel's time by its length", kernel_by_length.exponent(), 1.25));
  report.claims.push_back(report::at_most("time of a kernel, order 4096 over order 4",
                                          kernel.cost.back() / kernel.cost.front(), 1.5));
  report.claims.push_back(report::at_least("time of the recursion over the kernel's, order 1024",
                                           recursion.cost[4] / kernel.cost[4], 10));
}

} // namespace raphson::optim::tools
