#include "optim/match/rational_start.h"

#include "dsp/error.h"
#include "optim/engine/rational_fit.h"

#include <algorithm>

namespace raphson::optim::match {

std::optional<dsp::ChainSettings> rational_start(const std::vector<ChunkView>& chunks, double sample_rate,
                                                 const dsp::ChainSettings& chain, double pre_emphasis_pole,
                                                 std::size_t threads) {
  if (chunks.empty() || chain.blocks.back().type != dsp::BlockType::rational) return {};
  const ChunkView& chunk = *std::max_element(
      chunks.begin(), chunks.end(), [](const ChunkView& a, const ChunkView& b) { return a.count < b.count; });
  std::vector<double> audio(chunk.dry, chunk.dry + chunk.count), wet(chunk.wet, chunk.wet + chunk.count);
  dsp::ChainSettings head = chain;
  head.blocks.pop_back();
  const std::vector<double> values = head.values();
  dsp::Chain<double>(head, std::span<const double>(values), sample_rate).process(audio);

  RationalFitOptions options;
  options.order = 4;
  options.length =
      std::clamp<std::size_t>(chunk.first_scored, 64, std::max<std::size_t>(64, chunk.count / 2));
  options.chunk_seconds = static_cast<double>(chunk.count) / sample_rate;
  options.pre_emphasis_pole = pre_emphasis_pole;
  options.threads = threads;
  options.maximum_iterations = 40;
  dsp::ChainSettings result = chain;
  try {
    const RationalFit fit = fit_rational(audio, wet, sample_rate, options);
    std::vector<double>& found = result.blocks.back().values;
    const std::vector<double> given = found;
    found = dsp::stage_values(fit.filter, sample_rate);
    if (found[2] < found[6])
      std::swap_ranges(found.begin() + 1, found.begin() + 5, found.begin() + 5); // by Q
    std::copy(given.begin() + 9, given.end(), found.begin() + 9);
  } catch (const InputError&) { // the other starts remain
    return {};
  }
  return result;
}

} // namespace raphson::optim::match
