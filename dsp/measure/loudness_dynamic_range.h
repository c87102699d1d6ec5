// Loudness dynamic range (LDR): how far a fast loudness strays from a slow one, in dB. A compressor makes it
// smaller; the difference of two LDRs compares the micro-dynamics of a clone and its target.
//
//   x'     = x through (1 - z^-1) / (1 - p z^-1), p = 0.995 at 44.1 kHz (a DC block; corner some 35 Hz)
//   e_i[n] = a_i max(x'^2, 1e-16) + (1 - a_i) e_i[n-1],  a_i = 1 - exp(-1 / (rate tau_i)),  tau = 50 ms and 3
//   s LDR    = sqrt(mean (10 log10(e_fast / e_slow))^2)
//
// As evaluated by Yu & Fazekas ("Sound Matching an Analogue Levelling Amplifier Using the Newton-Raphson
// Method", AES AIMLA 2025), from their published evaluation code (aim-qmul/4a2a, python/compare.ipynb). They
// name the measure after E. Skovenborg, "Measures of Microdynamics" (AES Convention paper); his own
// definition was not at hand to compare with, and may weigh frequencies or summarise otherwise. Ours at 44.1
// kHz is theirs; at other rates p follows the rate, so that the corner stays. Both envelopes start at rest,
// as theirs do, which weighs on the first seconds: compare signals of one length, and of short ones only the
// difference.
//
// Channels are summed in power. Silence has LDR figures too (the floor's own rise); they mean nothing.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

namespace raphson::dsp {

class LoudnessDynamicRange {
public:
  LoudnessDynamicRange(double sample_rate, std::size_t channels);

  /// Blocks of any size; block.size() is a multiple of the number of channels.
  void add_interleaved(std::span<const float> block);

  /// In dB; 0 before any sample.
  double value_db() const;

private:
  struct DcBlock {
    double input = 0, output = 0;
  };
  double pole_, fast_, slow_;
  std::vector<DcBlock> dc_blocks_;
  double fast_power_ = 0, slow_power_ = 0;
  double sum_ = 0; // of squared dB
  std::size_t frames_ = 0;
};

/// Of one channel, in dB.
double loudness_dynamic_range_db(std::span<const float> signal, double sample_rate);

} // namespace raphson::dsp
