#include "plugin/engine/engine.h"
#include "plugin/engine/limits.h"
#include "plugin/engine/timing.h"

namespace raphson::plugin {

int latency_samples(const Controls& controls, const dsp::ChainSettings& chain, double sample_rate) {
  const dsp::BlockSettings* block = chain.compressor();
  if (block == nullptr) return 0;
  return static_cast<int>(
      Timing::of(held(controls, {}), block->type, block->values, held_rate(sample_rate)).latency());
}

} // namespace raphson::plugin
