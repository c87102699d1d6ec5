// A compressor's gain corrected by a small recurrent network (gru_weights.h), after the GRU make-up gain of
// Yu & Fazekas (AES AIMLA 2025):
//
//   v  = g a                              g the compressor's gain, make-up not included, a the audio it turns
//   x  = (1 - g, v, |v|)
//   r  = sigmoid(W_ir x + b_ir + W_hr h + b_hr)
//   z  = sigmoid(W_iz x + b_iz + W_hz h + b_hz)
//   n  = tanh(W_in x + b_in + r (W_hn h + b_hn))       as torch.nn.GRU has it
//   h <- (1 - z) n + z h
//   g' = g (1 + w h + b), the factor held to 1/4 .. 4
//
// The network steps once a sample. At another rate than the one it was trained at, the bias of z is less by
// ln(trained rate / rate): (1 - z)/z, the share of what is new to what is kept, is then in proportion to the
// time between steps, so that what is slow keeps its time constants and what is instantaneous stays so.
//
// In float, one unit a lane, the recurrences of two channels side by side.
#pragma once

#include "dsp/dynamics/gru_weights.h"
#include "dsp/simd/isa.h"

#include <array>
#include <cstddef>
#include <vector>

namespace raphson::dsp {

struct GruGainBlock {
  int channels;
  std::size_t count;
  double* const* gain;        ///< in and out
  const double* const* audio; ///< what the gain is for
};

/// Weights as the kernels want them: every row of units padded with zeros to 16, 32 or 64, the arguments
/// of sigmoids and of tanh scaled to octaves (gru_activation.h).
struct GruPacked {
  int units, padded;
  std::size_t input, recurrent, bias, readout; ///< where they begin in values
  float readout_bias;
  std::vector<float> values;
};

/// state[channel] are the padded units. Real-time safe.
using GruGainKernel = void (*)(const GruPacked&, const GruGainBlock&, float* const* state);
GruGainKernel gru_gain_kernel(Isa isa = detect_isa());

class GruGain {
public:
  static constexpr int maximum_channels = 8;
  static constexpr double lowest_factor = 0.25, highest_factor = 4;

  /// Allocates. Throws InputError unless the weights are valid() and channels 1..8.
  GruGain(const GruWeights& weights, double sample_rate, int channels, Isa isa = detect_isa());

  // Real-time safe from here on.
  void reset() noexcept;
  void set_sample_rate(double sample_rate) noexcept;
  /// Goes on with the state of another of the same size.
  void adopt(const GruGain& other) noexcept { state_ = other.state_; }
  void process(const GruGainBlock& block) noexcept;

private:
  double trained_rate_;
  std::vector<float> z_bias_; ///< at the trained rate, in octaves
  GruPacked packed_;
  std::vector<float> state_;
  GruGainKernel kernel_;
};

} // namespace raphson::dsp
