// A Line in vector units, as many samples at a time as there are lanes.
#pragma once

#include "dsp/simd/lanes.h"
#include "dsp/smoothing/ramp.h"

namespace raphson::dsp {

template <int N, Isa isa> class LaneLine {
public:
  explicit RAPHSON_INLINE LaneLine(const Line& line)
      : at_(V(line.start) + V(line.slope) * V::load(lane_numbers)), step_(line.slope * N) {}

  RAPHSON_INLINE Lanes<double, N, isa> operator()() const { return at_; }
  RAPHSON_INLINE void advance() { at_ += step_; }

private:
  using V = Lanes<double, N, isa>;
  static constexpr double lane_numbers[] = {0, 1, 2, 3, 4, 5, 6, 7};
  static_assert(N <= 8);

  V at_, step_;
};

} // namespace raphson::dsp
