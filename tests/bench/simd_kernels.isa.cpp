#include "tests/bench/simd_kernels.h"

#include "dsp/math/elementary.h"

namespace raphson::bench {
namespace {

constexpr dsp::Isa isa = dsp::Isa::RAPHSON_ISA;
using V = dsp::Lanes<double, dsp::lane_count<double>(isa), isa>;

void by_lanes(const double* in, double* out, std::size_t count, double slope) {
  const V s(slope);
  for (std::size_t i = 0; i + V::count <= count; i += V::count)
    dsp::math::exp2(s * dsp::math::log2(V::load(in + i))).store(out + i);
}

__attribute__((optimize("no-tree-vectorize"))) void by_scalars(const double* in, double* out,
                                                               std::size_t count, double slope) {
  using One = dsp::Lanes<double, 1, isa>;
  for (std::size_t i = 0; i < count; ++i)
    dsp::math::exp2(One(slope) * dsp::math::log2(One::load(in + i))).store(out + i);
}

} // namespace

#define RAPHSON_CONCATENATE_(a, b, c) a##b##c
#define RAPHSON_CONCATENATE(a, b, c) RAPHSON_CONCATENATE_(a, b, c)

PowerPasses RAPHSON_CONCATENATE(power_passes_, RAPHSON_ISA, _table)() { return {by_lanes, by_scalars}; }

} // namespace raphson::bench
