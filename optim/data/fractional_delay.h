// A shift by any part of a sample: y[n] = x(n - delay), x band-limited between its samples and zero outside
// them.
//
// The integer part moves samples; the rest d, |d| <= 1/2, is a linear-phase windowed sinc
//   h[k] = sinc(k - d) w((k - d) / 48),  w a Kaiser window with beta 14 (Kaiser & Schafer 1980), 96 taps,
// computed once in double. Error below -110 dB up to 0.9 of Nyquist; above that the band rolls off, by 6 dB
// for half a sample at Nyquist itself. An integer delay copies samples exactly.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

namespace raphson::optim::data {

/// As many samples as went in; a positive delay (in samples) moves the signal later. Throws InputError where
/// the delay is not finite.
std::vector<float> fractional_delay(std::span<const float> x, double delay_samples);

/// The same, for at most half a sample either way, where the signal lies.
void delay_by_fraction(std::span<float> x, double fraction);

/// So many samples on either side enter a delayed one.
inline constexpr std::size_t fractional_delay_reach = 48;

} // namespace raphson::optim::data
