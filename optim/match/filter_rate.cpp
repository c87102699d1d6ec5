#include "optim/match/filter_rate.h"

#include "dsp/filters/rational_conversions.h"

namespace raphson::optim::match {

double filter_rate(const dsp::ChainSettings& chain) {
  for (const dsp::BlockSettings& block : chain.blocks)
    if (block.type == dsp::BlockType::rational) return block.fitted_rate;
  return 0;
}

void move_filters(dsp::ChainSettings& chain, double sample_rate) {
  for (dsp::BlockSettings& block : chain.blocks) {
    if (block.type != dsp::BlockType::rational) continue;
    if (block.fitted_rate > 0 && block.fitted_rate != sample_rate)
      block.values = dsp::stage_values_at_rate(block.values, block.fitted_rate, sample_rate);
    block.fitted_rate = sample_rate;
  }
}

} // namespace raphson::optim::match
