// Small recordings that a compressor has something to do on.
#pragma once

#include "dsp/chain/processor.h"
#include "optim/data/audio_file.h"

#include <cmath>
#include <cstdint>
#include <vector>

/// Noise whose level steps every 150 ms between -40 and -3 dBFS: what a compressor has to answer to.
inline raphson::optim::data::Audio stepped_noise(double seconds, double sample_rate, std::uint32_t seed = 1,
                                                 std::size_t channels = 1) {
  raphson::optim::data::Audio audio{sample_rate, {}};
  std::uint32_t state = seed * 2654435761u + 1;
  const auto uniform = [&state] {
    state = state * 1664525u + 1013904223u;
    return static_cast<double>(state >> 8) / 8388608.0 - 1;
  };
  const auto frames = static_cast<std::size_t>(seconds * sample_rate),
             step = static_cast<std::size_t>(0.15 * sample_rate);
  for (std::size_t c = 0; c < channels; ++c) {
    audio.channels.emplace_back(frames);
    double level = 0.5;
    for (std::size_t n = 0; n < frames; ++n) {
      if (n % step == 0) level = std::pow(10.0, (-21.5 + 18.5 * uniform()) / 20);
      audio.channels[c][n] = static_cast<float>(level * uniform());
    }
  }
  return audio;
}

/// threshold -30 dB, ratio 4, attack 4 ms, release 90 ms, make-up 6 dB, unless told otherwise.
inline raphson::dsp::ChainSettings test_compressor(double threshold_db = -30, double ratio = 4) {
  raphson::dsp::ChainSettings chain = raphson::dsp::parse_chain("compressor");
  chain.set_values(std::vector<double>{threshold_db, ratio, 4, 90, 6, 0, 0, 0});
  return chain;
}

inline raphson::optim::data::Audio compressed(const raphson::optim::data::Audio& dry,
                                              const raphson::dsp::ChainSettings& chain) {
  raphson::optim::data::Audio wet = dry;
  for (auto& channel : wet.channels)
    raphson::dsp::ChainProcessor(chain, dry.sample_rate)
        .process(std::span<const float>(channel), std::span<float>(channel));
  return wet;
}
