// A compressor whose gain a recurrent network corrects (gru_gain.h), one channel:
//
//   y = make-up * corrected(gain, audio) * audio, the audio late by the look-ahead
#pragma once

#include "dsp/dynamics/compressor.h"
#include "dsp/dynamics/gru_gain.h"

#include <algorithm>
#include <array>
#include <span>
#include <utility>

namespace raphson::dsp {

class CorrectedCompressor {
public:
  /// Throws InputError for weights that are not valid().
  CorrectedCompressor(Compressor<double> compressor, const GruWeights& weights, double sample_rate)
      : compressor_(std::move(compressor)), network_(weights, sample_rate, 1) {}

  void reset() {
    compressor_.reset();
    network_.reset();
  }

  void process(std::span<double> audio) {
    std::array<double, 256> gain;
    for (std::size_t from = 0; from < audio.size(); from += gain.size()) {
      const auto block = audio.subspan(from, std::min(gain.size(), audio.size() - from));
      compressor_.gains(block, gain.data());
      double* const gains[] = {gain.data()};
      const double* const turned[] = {block.data()};
      network_.process({1, block.size(), gains, turned});
      for (std::size_t i = 0; i < block.size(); ++i) block[i] *= compressor_.makeup() * gain[i];
    }
  }

private:
  Compressor<double> compressor_;
  GruGain network_;
};

} // namespace raphson::dsp
