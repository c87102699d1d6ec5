// Eigen under another name in each copy, so that none of its functions is shared between instruction sets.
#include "tests/bench/eigen_product.h"

#include <complex>

#pragma GCC diagnostic ignored "-Wmaybe-uninitialized" // GCC 12, in the intrinsics' own headers
#define Eigen RAPHSON_FOR_ISA(Eigen)
#define EIGEN_DONT_PARALLELIZE
#include <Eigen/Core>

namespace raphson::bench {
namespace {

using RowMatrix = Eigen::Matrix<float, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
using In = Eigen::Map<const RowMatrix>;

void run(std::ptrdiff_t m, std::ptrdiff_t n, std::ptrdiff_t k, const float* a, const float* b, float* c) {
  Eigen::Map<RowMatrix>(c, m, n).noalias() = In(a, m, k) * In(b, k, n);
}

} // namespace

extern const EigenProduct RAPHSON_FOR_ISA(eigen_product);
const EigenProduct RAPHSON_FOR_ISA(eigen_product) = run;

} // namespace raphson::bench
