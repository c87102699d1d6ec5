// The straightforward way to the compressor's second-order loss: one sample after another in scalar double
// precision, g and each of its fourteen first and second derivatives by a recursion of its own, logarithm and
// exponential by libm, every signal of them pre-emphasised by the one-pole, then the sums. What the kernel's
// speed is measured against. Compiled with -O2 and no vectoriser, and for comparison with -O3.
#pragma once

#include <cstddef>

namespace raphson::bench {

/// By (log_threshold, slope, attack, release, log_makeup); the Hessian packed, lower triangle by rows.
struct ReferenceSums {
  double loss, gradient[5], hessian[15];
};

using Reference = void(const float* dry, const float* wet, std::size_t samples, const double* coordinates,
                       double pole, ReferenceSums& out);
Reference scalar_reference;         // -O2 -fno-tree-vectorize
Reference autovectorised_reference; // -O3
Reference avx2_reference;           // -O3 -mavx2 -mfma -fno-math-errno; only where the machine has them

} // namespace raphson::bench
