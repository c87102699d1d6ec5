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

namespace {

std::vector<ChunkRange> chosen_ranges(const Pair& pair, const ChunkOptions& options) {
  const auto warm_up = static_cast<std::size_t>(options.warm_up_seconds * pair.sample_rate);
  std::vector<ChunkRange> ranges;
  for (std::size_t channel = 0; channel < pair.dry.size(); ++channel)
    for (const FrameRange& r : options.only) {
      const std::size_t from = std::max(r.begin, pair.scored_begin), to = std::min(r.end, pair.scored_end);
      if (from < to) ranges.push_back({channel, from > warm_up ? from - warm_up : 0, from, to});
    }
  return ranges;
}

} // namespace

std::vector<ChunkRange> chunk_ranges(const Pair& pair, const ChunkOptions& options) {
  if (std::vector<ChunkRange> chosen = chosen_ranges(pair, options); !chosen.empty()) return chosen;
  const auto samples = [&](double seconds) { return static_cast<std::size_t>(seconds * pair.sample_rate); };
  const std::size_t scored = pair.scored_end - pair.scored_begin;
  const std::size_t warm_up = samples(options.warm_up_seconds);
  const std::size_t longest = std::max<std::size_t>(samples(options.chunk_seconds), 2 * warm_up) - warm_up;
  const std::size_t count = std::max<std::size_t>(1, (scored + longest - 1) / longest);

  std::vector<ChunkRange> ranges;
  for (std::size_t channel = 0; channel < pair.dry.size(); ++channel)
    for (std::size_t i = 0; i < count; ++i) {
      const std::size_t from = pair.scored_begin + scored * i / count;
      const std::size_t to = pair.scored_begin + scored * (i + 1) / count;
      const std::size_t start = from > warm_up && i > 0 ? from - warm_up : 0;
      // A scored part that begins late in the recording is settled by what lies before it, up to a chunk.
      const std::size_t first = i > 0 ? start : from > longest ? from - longest : 0;
      ranges.push_back({channel, first, from, to});
    }
  return ranges;
}

std::vector<ChunkView> cut(const Pair& pair, const ChunkOptions& options) {
  std::vector<ChunkView> chunks;
  for (const ChunkRange& r : chunk_ranges(pair, options))
    chunks.push_back({pair.dry[r.channel].data() + r.begin, pair.wet[r.channel].data() + r.begin,
                      r.end - r.begin, r.first_scored - r.begin});
  return chunks;
}

double settling_seconds(double release_ms) { return std::log(1e6) * release_ms / 2200; }

} // namespace raphson::optim::match
