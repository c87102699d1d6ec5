// What the general compressor has beyond threshold, ratio, attack, release and make-up, each switched off by
// a value, and fitted by a match where it is on.
#pragma once

#include <array>
#include <span>
#include <string_view>

namespace raphson::dsp {

struct DynamicsFeature {
  std::string_view word; ///< in --model: "dynamics[knee,memory]"
  std::size_t switched;  ///< the parameter that is "off" at its initial value, 0
  double on;             ///< where a fit starts it
  std::size_t count;     ///< of its parameters, from `first` on
  std::size_t first;
};

inline constexpr std::array<DynamicsFeature, 6> dynamics_features{{
    {"knee", 2, 6, 1, 2},
    {"rms", 6, 5, 1, 6},
    {"hold", 7, 10, 1, 7},
    {"memory", 8, 0.3, 3, 8},
    {"smoothing", 11, 1, 1, 11},
    {"sidechain", 13, -3, 2, 12},
}};

inline bool is_on(const DynamicsFeature& feature, std::span<const double> values) {
  return values[feature.switched] != 0;
}

} // namespace raphson::dsp
