#include "tests/bench/multiply_adds.h"

#include "dsp/simd/lanes.h"

namespace raphson::bench {
namespace {

constexpr dsp::Isa isa = dsp::Isa::RAPHSON_ISA;
using V = dsp::Lanes<float, dsp::lane_count<float>(isa), isa>;

float run(std::size_t registers) {
  constexpr int sums = 12;
  V sum[sums], a(0.5f), b(0.25f);
  for (V& s : sum) s = V(1.0f);
  for (std::size_t i = 0; i < registers; i += sums)
    for (V& s : sum) s = s * a + b;
  V total(0.0f);
  for (const V& s : sum) total += s;
  return dsp::sum(total);
}

} // namespace

extern const MultiplyAdds RAPHSON_FOR_ISA(multiply_adds);
const MultiplyAdds RAPHSON_FOR_ISA(multiply_adds) = run;

} // namespace raphson::bench
