// y[t] = sum_j taps[j] (x[t - j] + x[t + 1 + j]), a symmetric filter of 2 M taps centred between x[t] and
// x[t + 1], several samples at a time. x is readable from -(M - 1) to count + M - 1.
#pragma once

#include "dsp/simd/isa.h"

#include <cstddef>

namespace raphson::dsp {

using SymmetricFir = void (*)(const double* x, double* y, std::size_t count, const double* taps,
                              std::size_t m);

SymmetricFir symmetric_fir(Isa isa = detect_isa());

} // namespace raphson::dsp
