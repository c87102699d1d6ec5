// The compressor's loss as one plain loop in double or Jets, in libm's functions: what the kernels are held
// against. Written from the model, not from their code.
#pragma once

#include "optim/autodiff/jet.h"
#include "optim/engine/random.h"
#include "optim/match/compressor_kernel.h"
#include "optim/match/pair.h"

#include <cmath>
#include <span>
#include <vector>

namespace raphson::optim::match {

inline double natural_exp(double a) { return std::exp(a); }
template <int N, int Order> Jet<double, N, Order> natural_exp(const Jet<double, N, Order>& a) {
  const double e = std::exp(a.v);
  return unary(a, e, e, e);
}

/// The error e_t of every sample, as functions of (log threshold, slope, attack, release, log make-up).
template <class S>
std::vector<S> reference_errors(const ChunkView& chunk, const std::array<S, 5>& k, double pole) {
  std::vector<S> errors;
  const S one(1.0), makeup = natural_exp(k[4]);
  S gain(1.0), previous_output(0.0), error(0.0);
  for (std::size_t t = 0; t < chunk.count; ++t) {
    const double x = chunk.dry[t];
    const S u = S(std::log(std::fmax(std::fabs(x), 1e-8))) - k[0];
    const S f = u > S(0.0) ? natural_exp(-k[1] * u) : one;
    const S c = f < gain ? k[2] : k[3];
    gain = (one - c) * gain + c * f;
    const S output = makeup * gain * S(x) - S(static_cast<double>(chunk.wet[t]));
    error = output - previous_output + S(pole) * error;
    previous_output = output;
    errors.push_back(error);
  }
  return errors;
}

inline std::array<double, 5> as_array(const CompressorCoordinates& k) {
  return {k.log_threshold, k.slope, k.attack, k.release, k.log_makeup};
}
inline CompressorCoordinates as_coordinates(const std::array<double, 5>& k) {
  return {k[0], k[1], k[2], k[3], k[4]};
}

inline double reference_value(std::span<const ChunkView> chunks, const CompressorCoordinates& k,
                              double pole) {
  double loss = 0;
  for (const ChunkView& chunk : chunks) {
    const auto errors = reference_errors(chunk, as_array(k), pole);
    for (std::size_t t = chunk.first_scored; t < chunk.count; ++t) loss += 0.5 * errors[t] * errors[t];
  }
  return loss;
}

inline LossDerivatives reference_derivatives(std::span<const ChunkView> chunks,
                                             const CompressorCoordinates& k, double pole) {
  using J = Jet<double, 5, 2>;
  std::array<J, 5> variables;
  for (int i = 0; i < 5; ++i) variables[i] = J::variable(as_array(k)[i], i);
  LossDerivatives out;
  for (const ChunkView& chunk : chunks) {
    const auto errors = reference_errors(chunk, variables, pole);
    for (std::size_t t = chunk.first_scored; t < chunk.count; ++t) {
      const J& e = errors[t];
      out.loss += 0.5 * e.v * e.v;
      for (int i = 0; i < 5; ++i) out.gradient[i] += e.v * e.g[i];
      for (int i = 0, p = 0; i < 5; ++i)
        for (int j = 0; j <= i; ++j, ++p) {
          out.gauss_newton[p] += e.g[i] * e.g[j];
          out.curvature[p] += e.v * e.h[p];
        }
    }
  }
  return out;
}

/// Noise in bursts that cross the threshold, and a distorted wet recording that no compressor explains.
struct Programme {
  std::vector<float> dry, wet;
  ChunkView view(std::size_t first_scored = 0) const {
    return {dry.data(), wet.data(), dry.size(), first_scored};
  }
};

inline Programme programme(std::size_t samples, std::uint64_t seed, double level = 1) {
  RandomStream random(seed, "programme");
  Programme p;
  double envelope = 0;
  for (std::size_t t = 0; t < samples; ++t) {
    if (t % 317 == 0) envelope = level * 0.1 * std::exp(1.2 * random.normal());
    const double x = envelope * random.normal();
    p.dry.push_back(static_cast<float>(x));
    p.wet.push_back(static_cast<float>(0.6 * x / (1 + 2 * std::fabs(x)) + 0.01 * level * random.normal()));
  }
  return p;
}

/// One programme a channel, as a pair that points at them.
inline Pair pair_of(const std::vector<Programme>& channels, double sample_rate, std::size_t scored_begin,
                    std::size_t scored_end) {
  Pair pair{{}, {}, sample_rate, scored_begin, scored_end};
  for (const Programme& p : channels) {
    pair.dry.emplace_back(p.dry);
    pair.wet.emplace_back(p.wet);
  }
  return pair;
}

} // namespace raphson::optim::match
