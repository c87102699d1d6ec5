#include "optim/match/pair.h"

#include <algorithm>
#include <cmath>

namespace raphson::optim::match {

ScoredWithin::ScoredWithin(Pair& pair, std::size_t begin, std::size_t end)
    : pair_(pair), begin_(pair.scored_begin), end_(pair.scored_end) {
  pair.scored_begin = std::max(begin_, begin);
  pair.scored_end = std::min(end_, end);
}

ScoredWithin::~ScoredWithin() {
  pair_.scored_begin = begin_;
  pair_.scored_end = end_;
}

std::vector<ChunkView> cut(const Pair& pair, const ChunkOptions& options) {
  std::vector<ChunkView> channels;
  for (std::size_t c = 0; c < pair.dry.size(); ++c)
    channels.push_back({pair.dry[c].data(), pair.wet[c].data(), pair.scored_end, pair.scored_begin});
  return cut(channels, pair.sample_rate, options);
}

std::vector<ChunkView> cut(std::span<const ChunkView> channels, double sample_rate,
                           const ChunkOptions& options) {
  const auto samples = [&](double seconds) { return static_cast<std::size_t>(seconds * sample_rate); };
  const std::size_t warm_up = samples(options.warm_up_seconds);
  const std::size_t longest = std::max<std::size_t>(samples(options.chunk_seconds), 2 * warm_up) - warm_up;

  std::vector<ChunkView> chunks;
  for (const ChunkView& whole : channels) {
    const std::size_t scored = whole.count - whole.first_scored;
    const std::size_t count = std::max<std::size_t>(1, (scored + longest - 1) / longest);
    for (std::size_t i = 0; i < count; ++i) {
      const std::size_t from = whole.first_scored + scored * i / count;
      const std::size_t to = whole.first_scored + scored * (i + 1) / count;
      const std::size_t start = from > warm_up && i > 0 ? from - warm_up : 0;
      // A scored part that begins late in the recording is settled by what lies before it, up to a chunk.
      const std::size_t first = i > 0 ? start : from > longest ? from - longest : 0;
      chunks.push_back({whole.dry + first, whole.wet + first, to - first, from - first});
    }
  }
  return chunks;
}

double settling_seconds(double release_ms) { return std::log(1e6) * release_ms / 2200; }

} // namespace raphson::optim::match
