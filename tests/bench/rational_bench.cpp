// The kernel of a rational transfer function by Fourier transforms against the recursion that gives the same
// samples: the first costs the same at any order.
#include "tests/bench/bench.h"

#include "optim/engine/rational_kernel.h"

#include <cstdio>

namespace raphson::bench {

using optim::report::Cell;

int rational(const Options& options) {
  constexpr std::size_t length = 4096;
  optim::report::Table table{{{"order"}, {"kernel (us)"}, {"against order 4"}, {"recursion (us)"}}, {}};
  double first = 0;
  for (const std::size_t n : {4, 16, 64, 256, 1024}) {
    const optim::RationalCoefficients c{1, std::vector<double>(n, 0.5 / static_cast<double>(n)),
                                        std::vector<double>(n, 0.1)};
    const double kernel = time_calls(30, [&] { use(optim::rational_kernel(c, length)[1]); }).best;
    const auto polynomials = optim::to_recursion(c, length);
    const double recursion = time_calls(10, [&] {
                               std::vector<double> k(length);
                               k[0] = 1;
                               dsp::RationalRecursion<double>(polynomials).process(k);
                               use(k[1]);
                             }).best;
    if (first == 0) first = kernel;
    table.rows.push_back(
        {n, Cell::fixed(1e6 * kernel, 1), Cell::fixed(kernel / first, 2), Cell::fixed(1e6 * recursion, 1)});
  }
  std::printf("A kernel of %zu samples\n\n%s\n", length, shown(table, options).c_str());
  return 0;
}

} // namespace raphson::bench
