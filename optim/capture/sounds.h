// The sounds that a capture is made of, each as samples of full scale 1. All stay below `highest_hz`, since
// converters and resamplers take away what lies above it, and what is gone cannot be matched.
#pragma once

#include "optim/engine/random.h"

#include <cstddef>
#include <span>
#include <vector>

namespace raphson::optim::capture {

/// 0.42 of the sample rate, and no more than 20 kHz.
double highest_hz(double sample_rate);

/// A sine of frequency `hz` whose level follows the breakpoints, with the phase going on through all of them.
/// Between breakpoints the level moves in a straight line in dB; two breakpoints at one time are a step, of
/// half a millisecond.
struct LevelPoint {
  double seconds, db;
};
std::vector<double> tone(std::size_t frames, double sample_rate, double hz,
                         std::span<const LevelPoint> levels);

/// A sine whose frequency rises by as many octaves in each second: f(t) = from (to / from)^(t / duration)
/// (Farina, AES 108th Convention, 2000), faded in over its first and out over its last hundredth.
std::vector<double> log_sweep(std::size_t frames, double sample_rate, double from_hz, double to_hz);

/// Noise of power 1/f from 40 Hz to highest_hz, rms 1, made in the frequency domain.
std::vector<double> pink_noise(std::size_t frames, double sample_rate, RandomStream& random);

/// How loud speech is over time: syllables of 0.08 to 0.3 s at levels that differ by up to 30 dB, in phrases
/// of some seconds at levels that differ by up to 12 dB, with pauses of up to 0.8 s between. Peak 1.
std::vector<double> speech_envelope(std::size_t frames, double sample_rate, RandomStream& random);

/// Scales to a peak of `db` re full scale.
void set_peak(std::span<double> samples, double db);

} // namespace raphson::optim::capture
