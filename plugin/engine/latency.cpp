#include "plugin/engine/engine.h"
#include "plugin/engine/limits.h"
#include "plugin/engine/timing.h"

namespace raphson::plugin {

int latency_samples(const Controls& controls, const dsp::ChainSettings& chain, double sample_rate) {
  for (const dsp::BlockSettings& block : chain.blocks)
    if (block.type == dsp::BlockType::compressor)
      return static_cast<int>(Timing::of(held(controls, {}), block.values, held_rate(sample_rate)).latency());
  return 0;
}

} // namespace raphson::plugin
