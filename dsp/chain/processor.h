// A chain at work on float audio, one channel: what `raphson render` and the plugin run. Internally in
// double, in blocks; nothing is allocated, locked or thrown while processing.
#pragma once

#include "dsp/chain/chain.h"

#include <array>
#include <span>

namespace raphson::dsp {

class ChainProcessor {
public:
  ChainProcessor(const ChainSettings& settings, double sample_rate);

  void reset() { chain_.reset(); }
  void process(std::span<const float> in, std::span<float> out);
  void process(std::span<const float> in, std::span<double> out);

private:
  template <class Out> void process_blocks(std::span<const float> in, std::span<Out> out);

  Chain<double> chain_;
};

} // namespace raphson::dsp
