// Compiled once for each -march level with Highway's static dispatch to it.
#include "hwy/highway.h"

#include "hwy/contrib/math/math-inl.h"
#include "tests/bench/simd_kernels.h"

namespace raphson::bench {

void HIGHWAY_NAME(const double* in, double* out, std::size_t count, double slope) {
  namespace hn = hwy::HWY_NAMESPACE;
  const hn::ScalableTag<double> tag;
  const auto s = hn::Set(tag, slope);
  for (std::size_t i = 0; i + hn::Lanes(tag) <= count; i += hn::Lanes(tag))
    hn::StoreU(hn::Exp(tag, hn::Mul(s, hn::Log(tag, hn::LoadU(tag, in + i)))), tag, out + i);
}

} // namespace raphson::bench
