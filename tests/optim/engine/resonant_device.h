// The device that the tests of rational fits measure, and what they measure it with.
#pragma once

#include "dsp/filters/rational.h"
#include "optim/engine/random.h"

#include <cmath>
#include <numbers>
#include <vector>

namespace raphson::optim {

constexpr double device_rate = 48000;

/// White noise of power 1, another for each name.
inline std::vector<double> noise(std::size_t count, const char* name) {
  RandomStream random(1, name);
  std::vector<double> x(count);
  for (double& value : x) value = random.normal();
  return x;
}

/// Resonances at 200 Hz and 5 kHz.
inline dsp::RationalSections<double> resonant_device() {
  const auto p = [](double hz, double radius) {
    return -2 * radius * std::cos(2 * std::numbers::pi * hz / device_rate);
  };
  return {0.7, {{p(200, 0.99), 0.99 * 0.99, 0.02, -0.018}, {p(5000, 0.9), 0.81, -0.3, 0.1}}};
}

} // namespace raphson::optim
