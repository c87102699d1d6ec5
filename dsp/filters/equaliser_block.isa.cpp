// equaliser_block.h for one instruction set.
#include "dsp/filters/equaliser_block.h"

#include "dsp/simd/lanes.h"

#include <tuple>

namespace raphson::dsp {
namespace {

constexpr Isa isa = Isa::RAPHSON_ISA;
constexpr int sections = std::tuple_size_v<EqualiserSections>;

/// W channels, one a lane.
template <int W>
void equalise(double* const* audio, EqualiserState* states, std::size_t count,
              const EqualiserSections& coefficients) {
  using V = Lanes<double, W, isa>;
  struct {
    V b0, b1, b2, a1, a2, s1, s2;
  } section[sections];
  for (int k = 0; k < sections; ++k) {
    const auto& c = coefficients[static_cast<std::size_t>(k)];
    section[k] = {V(c.b0), V(c.b1), V(c.b2), V(c.a1), V(c.a2), V(0.0), V(0.0)};
    for (int lane = 0; lane < W; ++lane) {
      section[k].s1.set(lane, states[lane].s1[k]);
      section[k].s2.set(lane, states[lane].s2[k]);
    }
  }
  for (std::size_t t = 0; t < count; ++t) {
    V x(0.0);
    for (int lane = 0; lane < W; ++lane) x.set(lane, audio[lane][t]);
    for (auto& s : section) {
      const V y = s.b0 * x + s.s1;
      s.s1 = (s.s2 + s.b1 * x) - s.a1 * y; // y last: it is what the next sample waits for
      s.s2 = s.b2 * x - s.a2 * y;
      x = y;
    }
    for (int lane = 0; lane < W; ++lane) audio[lane][t] = x[lane];
  }
  for (int k = 0; k < sections; ++k)
    for (int lane = 0; lane < W; ++lane) {
      states[lane].s1[k] = section[k].s1[lane];
      states[lane].s2[k] = section[k].s2[lane];
    }
}

void equalise_all(double* const* audio, EqualiserState* states, int channels, std::size_t count,
                  const EqualiserSections& coefficients) {
  int c = 0;
  for (; c + 2 <= channels; c += 2) equalise<2>(audio + c, states + c, count, coefficients);
  if (c < channels) equalise<1>(audio + c, states + c, count, coefficients);
}

} // namespace

extern const EqualiserBlock RAPHSON_FOR_ISA(equaliser_block);
const EqualiserBlock RAPHSON_FOR_ISA(equaliser_block) = equalise_all;

} // namespace raphson::dsp
