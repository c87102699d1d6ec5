// Eigen's own product of dense matrices, row by row, compiled for this machine's instruction set: the floor
// that a network's training step is held against.
#pragma once

#include "dsp/simd/isa.h"

#include <cstddef>

namespace raphson::bench {

/// c = a b, all row by row; a is m x k, b is k x n.
using EigenProduct = void (*)(std::ptrdiff_t m, std::ptrdiff_t n, std::ptrdiff_t k, const float* a,
                              const float* b, float* c);

EigenProduct eigen_product(dsp::Isa isa = dsp::detect_isa());

} // namespace raphson::bench
