// The weights of the recurrent network that corrects a compressor's gain (gru_gain.h): torch.nn.GRU of one
// layer on three inputs with H units, then torch.nn.Linear(H, 1), their tensors one after another, row by
// row:
//
//   weight_ih  3H x 3   gates r, z, n; inputs 1 - gain, v, |v|, v = gain * audio, make-up not included
//   weight_hh  3H x H
//   bias_ih    3H
//   bias_hh    3H
//   weight     H        of the linear layer
//   bias       1
#pragma once

#include <cstddef>
#include <vector>

namespace raphson::dsp {

struct GruWeights {
  static constexpr int inputs = 3, maximum_units = 64;
  static constexpr float largest = 1000; ///< magnitude of a weight that a model file may hold

  int units = 0;
  double sample_rate = 48000; ///< at which it was trained: one step a sample
  std::vector<float> values = {};

  struct Layout {
    std::size_t input, recurrent, input_bias, recurrent_bias, readout, readout_bias, size;
  };
  static constexpr Layout layout(int units) {
    const auto h = static_cast<std::size_t>(units);
    const std::size_t recurrent = 3 * h * inputs, input_bias = recurrent + 3 * h * h;
    return {0,
            recurrent,
            input_bias,
            input_bias + 3 * h,
            input_bias + 6 * h,
            input_bias + 7 * h,
            input_bias + 7 * h + 1};
  }
  static constexpr std::size_t count(int units) { return layout(units).size; }

  /// Of the right number for its units, all of them finite.
  bool valid() const;
};

} // namespace raphson::dsp
