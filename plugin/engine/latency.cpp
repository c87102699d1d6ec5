#include "dsp/resample/oversampler.h"
#include "plugin/engine/engine.h"
#include "plugin/engine/limits.h"

namespace raphson::plugin {

std::size_t look_ahead_samples(double model_ms, double extra_ms, double sample_rate) {
  return static_cast<std::size_t>((model_ms + extra_ms) * 0.001 * sample_rate + 0.5);
}

int latency_samples(const Controls& given, const dsp::ChainSettings& chain, double sample_rate) {
  const Controls controls = held(given, {});
  for (const dsp::BlockSettings& block : chain.blocks)
    if (block.type == dsp::BlockType::compressor)
      return static_cast<int>(
          look_ahead_samples(held(block.values[7], dsp::compressor_parameters[7]), controls.look_ahead_ms,
                             held_rate(sample_rate))
          + dsp::Oversampler::latency_samples(static_cast<std::size_t>(controls.oversampling)));
  return 0;
}

} // namespace raphson::plugin
