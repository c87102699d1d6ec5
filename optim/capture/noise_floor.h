// The noise of a stretch of silence: its level, its octave bands, and whether it is mostly mains hum.
#pragma once

#include <optional>
#include <span>
#include <vector>

namespace raphson::optim::capture {

struct NoiseBand {
  double centre_hz = 0; ///< of an octave
  double dbfs = 0;
};

/// Levels are 20 log10 of the rms value at full scale 1; -infinity for digital silence. The mean is not noise
/// and is taken off.
struct NoiseFloor {
  double dbfs = 0;
  double offset = 0;            ///< the mean: DC
  std::vector<NoiseBand> bands; ///< 31.25 Hz to 16 kHz, as far as the sample rate goes
  std::optional<double> hum_hz; ///< 50 or 60, where its first six harmonics hold more than half of the power
};

NoiseFloor noise_floor(std::span<const float> silence, double sample_rate);

} // namespace raphson::optim::capture
