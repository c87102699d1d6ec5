#include "optim/match/lane_pieces.h"

#include <algorithm>
#include <cmath>

namespace raphson::optim::match {
namespace {

constexpr std::size_t lanes = 8;

struct Segment { ///< scored, of a chunk
  const ChunkView* chunk;
  std::size_t begin, end;
  std::size_t length() const { return end - begin; }
};

std::vector<Segment> scored_segments(const std::vector<ChunkView>& chunks) {
  std::vector<Segment> segments;
  for (const ChunkView& chunk : chunks) {
    const std::size_t step = chunk.stripe ? 2 * chunk.stripe : chunk.count;
    const std::size_t first = chunk.first_scored + (chunk.odd ? chunk.stripe : 0);
    for (std::size_t from = first; from < chunk.count; from += step)
      segments.push_back(
          {&chunk, from, chunk.stripe ? std::min(from + chunk.stripe, chunk.count) : chunk.count});
  }
  return segments;
}

/// What the groups cost, in samples of one lane: each as long as the longest in it.
std::size_t cost(const std::vector<ChunkView>& pieces) {
  std::size_t sum = 0;
  for (std::size_t first = 0; first < pieces.size(); first += lanes) {
    std::size_t longest = 0;
    for (std::size_t i = first; i < std::min(first + lanes, pieces.size()); ++i)
      longest = std::max(longest, pieces[i].count);
    sum += longest;
  }
  return sum;
}

} // namespace

std::vector<ChunkView> lane_pieces(std::vector<ChunkView> chunks, std::size_t settle) {
  const std::vector<Segment> segments = scored_segments(chunks);
  std::size_t scored = 0;
  for (const Segment& s : segments) scored += s.length();
  const double groups =
      static_cast<double>(scored) / static_cast<double>(2 * lanes * std::max<std::size_t>(settle, 1));
  const std::size_t wanted = lanes * std::max<std::size_t>(1, static_cast<std::size_t>(std::round(groups)));

  std::vector<ChunkView> pieces;
  std::size_t before = 0; // scored samples of the segments so far, by which the pieces are shared out
  for (const Segment& s : segments) {
    const auto share = [&](std::size_t samples) { return (samples * wanted + scored / 2) / scored; };
    const std::size_t parts = std::max<std::size_t>(1, share(before + s.length()) - share(before));
    before += s.length();
    for (std::size_t p = 0; p < parts; ++p) {
      const std::size_t from = s.begin + s.length() * p / parts, to = s.begin + s.length() * (p + 1) / parts;
      const std::size_t start = from > settle ? from - settle : 0;
      if (from < to) pieces.push_back({s.chunk->dry + start, s.chunk->wet + start, to - start, from - start});
    }
  }
  return 4 * cost(pieces) < 3 * cost(chunks) ? pieces : chunks;
}

} // namespace raphson::optim::match
