// The gain of a compressor from the level it hears, as torchcomp's compexp_gain defines it without its
// expander, with derivatives by the four parameters: threshold in dB, ratio, and the one-pole coefficients
// of attack and release.
//
//   f_t = min(1, (level_t / T)^-(1 - 1/ratio)),  g_t = g_{t-1} + c (f_t - g_{t-1}),  g_{-1} = 1,
//   c = attack if f_t < g_{t-1}, else release
#pragma once

#include <array>
#include <cstddef>
#include <span>

namespace raphson::python {

struct GainParameters {
  double threshold_db, ratio, attack, release;
};
inline constexpr int gain_parameters = 4;

/// gain[t]. Levels below 1e-8 count as 1e-8.
void compressor_gain(std::span<const double> level, const GainParameters& p, double* gain);

/// The same with derivatives, jacobian[i * stride + t] and hessian[(i * 4 + j) * stride + t], the latter
/// unless null.
void compressor_gain_derivatives(std::span<const double> level, const GainParameters& p, double* gain,
                                 double* jacobian, double* hessian, std::size_t stride);

/// From the derivative of some loss by the gain, that by the level and by the parameters, by the recursion
/// run backwards in time.
struct GainPullback {
  std::array<double, gain_parameters> parameters{};
};
GainPullback compressor_gain_pullback(std::span<const double> level, const GainParameters& p,
                                      std::span<const double> by_gain, double* by_level);

} // namespace raphson::python
