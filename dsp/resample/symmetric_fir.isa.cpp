// symmetric_fir.h for one instruction set.
#include "dsp/resample/symmetric_fir.h"

#include "dsp/simd/lanes.h"

namespace raphson::dsp {
namespace {

constexpr Isa isa = Isa::RAPHSON_ISA;
constexpr std::size_t lanes = lane_count<double>(isa);
using V = Lanes<double, static_cast<int>(lanes), isa>;

/// `vectors` registers of results at once, so that their sums do not wait for each other.
template <std::size_t vectors>
RAPHSON_INLINE void filter(const double* x, double* y, const double* taps, std::size_t m) {
  V total[vectors];
  for (V& t : total) t = V(0.0);
  for (std::size_t j = 0; j < m; ++j)
    for (std::size_t v = 0; v < vectors; ++v) {
      const double* at = x + v * lanes;
      total[v] += V(taps[j]) * (V::load(at - j) + V::load(at + 1 + j));
    }
  for (std::size_t v = 0; v < vectors; ++v) total[v].store(y + v * lanes);
}

void symmetric(const double* x, double* y, std::size_t count, const double* taps, std::size_t m) {
  std::size_t t = 0;
  for (; t + 4 * lanes <= count; t += 4 * lanes) filter<4>(x + t, y + t, taps, m);
  for (; t + lanes <= count; t += lanes) filter<1>(x + t, y + t, taps, m);
  for (; t < count; ++t) {
    double total = 0;
    for (std::size_t j = 0; j < m; ++j) total += taps[j] * (x[t - j] + x[t + 1 + j]);
    y[t] = total;
  }
}

} // namespace

extern const SymmetricFir RAPHSON_FOR_ISA(symmetric_fir);
const SymmetricFir RAPHSON_FOR_ISA(symmetric_fir) = symmetric;

} // namespace raphson::dsp
