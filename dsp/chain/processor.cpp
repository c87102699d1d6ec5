#include "dsp/chain/processor.h"

#include <algorithm>

namespace raphson::dsp {

ChainProcessor::ChainProcessor(const ChainSettings& settings, double sample_rate)
    : chain_(settings, std::span<const double>(settings.values()), sample_rate) {}

template <class Out> void ChainProcessor::process_blocks(std::span<const float> in, std::span<Out> out) {
  std::array<double, 256> block;
  for (std::size_t from = 0; from < in.size(); from += block.size()) {
    const std::size_t count = std::min(block.size(), in.size() - from);
    std::copy_n(in.begin() + from, count, block.begin());
    chain_.process(std::span(block).first(count));
    std::transform(block.begin(), block.begin() + count, out.begin() + from,
                   [](double y) { return static_cast<Out>(y); });
  }
}

void ChainProcessor::process(std::span<const float> in, std::span<float> out) { process_blocks(in, out); }
void ChainProcessor::process(std::span<const float> in, std::span<double> out) { process_blocks(in, out); }

} // namespace raphson::dsp
