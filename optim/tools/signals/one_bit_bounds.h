// What is certain of an unrolled network, from norms of its matrices. Without noise and prior
//   x_{k+1} - x* = (I - W_k A)(x_k - x*),   so   |x_L - x*| <= prod_k c_k |x*|,   c_k = |I - W_k A|_2,
// and since soft thresholds bring no two points further apart, a change d of y changes x_L by at most
//   sum_k (prod_{j>k} c_j) |W_k|_2 |d|.
#pragma once

#include "optim/tools/signals/unrolling.h"

#include <vector>

namespace raphson::optim::tools {

struct UnrollingBounds {
  std::vector<double> contraction = {}; ///< c_k
  std::vector<double> weight_norm = {}; ///< |W_k|_2
  double error = 1;                     ///< prod c_k
  double sensitivity = 0;               ///< of x_L to y
};

UnrollingBounds bounds_of(const Unrolled& network, const RowMatrix& a);

} // namespace raphson::optim::tools
