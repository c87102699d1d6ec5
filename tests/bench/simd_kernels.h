// exp2(slope * log2(x)) over arrays, the elementary work of a compressor's gain, in every way compared.
#pragma once

#include <cstddef>

namespace raphson::bench {

using PowerPass = void (*)(const double* in, double* out, std::size_t count, double slope);

struct PowerPasses {
  PowerPass lanes, scalar; ///< dsp::math on Lanes and on double, with the instruction set's flags
};
PowerPasses power_passes_baseline_table(), power_passes_avx2_table(), power_passes_avx512_table();

/// std::exp2 and std::log2 of the C library, one call a sample.
void power_by_libm(const double* in, double* out, std::size_t count, double slope);

#if defined(RAPHSON_BENCH_HIGHWAY)
/// Highway's Exp and Log by the vectors of -march=x86-64-v2, v3 and v4, in place of our exp2 and log2.
void highway_v2(const double* in, double* out, std::size_t count, double slope);
void highway_v3(const double* in, double* out, std::size_t count, double slope);
void highway_v4(const double* in, double* out, std::size_t count, double slope);
#endif

} // namespace raphson::bench
