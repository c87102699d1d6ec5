// The network of dsp/dynamics/gru_gain.h written in double from its equations, one unit after another.
#pragma once

#include "dsp/dynamics/gru_weights.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <vector>

namespace raphson::test {

inline dsp::GruWeights random_network(int units, std::uint32_t seed, double range = 0.5,
                                      double sample_rate = 48000) {
  dsp::GruWeights weights{units, sample_rate, std::vector<float>(dsp::GruWeights::count(units))};
  std::uint32_t state = seed * 2654435761u + 1;
  for (float& w : weights.values) {
    state = state * 1664525u + 1013904223u;
    w = static_cast<float>(range * (static_cast<double>(state >> 8) / 8388608.0 - 1));
  }
  return weights;
}

struct GruReference {
  const dsp::GruWeights& weights;
  std::vector<double> h = std::vector<double>(static_cast<std::size_t>(weights.units), 0.0);

  /// The factor of the gain.
  double operator()(double gain, double audio) {
    const double x[] = {1 - gain, gain * audio, std::abs(gain * audio)};
    const auto at = dsp::GruWeights::layout(weights.units);
    const std::size_t n = h.size();
    const auto w = [&](std::size_t i) { return static_cast<double>(weights.values[i]); };
    const auto sigmoid = [](double a) { return 1 / (1 + std::exp(-a)); };
    std::vector<double> next(n);
    for (std::size_t u = 0; u < n; ++u) {
      double input[3], recurrent[3];
      for (std::size_t gate = 0; gate < 3; ++gate) {
        const std::size_t row = gate * n + u;
        input[gate] = w(at.input_bias + row);
        recurrent[gate] = w(at.recurrent_bias + row);
        for (std::size_t i = 0; i < 3; ++i) input[gate] += w(at.input + row * 3 + i) * x[i];
        for (std::size_t j = 0; j < n; ++j) recurrent[gate] += w(at.recurrent + row * n + j) * h[j];
      }
      const double r = sigmoid(input[0] + recurrent[0]), z = sigmoid(input[1] + recurrent[1]);
      next[u] = (1 - z) * std::tanh(input[2] + r * recurrent[2]) + z * h[u];
    }
    h = next;
    double factor = 1 + w(at.readout_bias);
    for (std::size_t u = 0; u < n; ++u) factor += w(at.readout + u) * h[u];
    return std::clamp(factor, 0.25, 4.0);
  }
};

} // namespace raphson::test
