#include "optim/match/lane_pieces.h"

#include "catch.h"

#include <algorithm>
#include <map>
#include <numeric>

using namespace raphson::optim::match;

namespace {

/// How often each sample is scored, by its address.
std::map<const float*, int> scored(const std::vector<ChunkView>& chunks) {
  std::map<const float*, int> times;
  for (const ChunkView& chunk : chunks)
    for (std::size_t t = 0; t < chunk.count; ++t)
      if (chunk.is_scored(t)) ++times[chunk.dry + t];
  return times;
}

const std::vector<float> dry(20000), wet(20000);

ChunkView chunk(std::size_t begin, std::size_t count, std::size_t first_scored, std::size_t stripe = 0,
                bool odd = false) {
  return {dry.data() + begin, wet.data() + begin, count, first_scored, stripe, odd};
}

} // namespace

TEST_CASE("pieces for lanes score each sample that the chunks score, once, and no other", "[lanes]") {
  const std::vector<std::vector<ChunkView>> cases{{chunk(0, 20000, 0)},
                                                  {chunk(0, 20000, 0, 3000, false)},
                                                  {chunk(0, 20000, 0, 3000, true)},
                                                  {chunk(0, 9000, 500, 1000, true), chunk(8000, 12000, 1000)},
                                                  {chunk(0, 7, 0)},
                                                  {chunk(0, 10, 10)}};
  for (const auto& chunks : cases)
    for (const std::size_t settle : {0, 100, 5000}) {
      const auto pieces = lane_pieces(chunks, settle);
      CHECK(scored(pieces) == scored(chunks));
      for (const ChunkView& piece : pieces) {
        const std::size_t begin = static_cast<std::size_t>(piece.dry - dry.data());
        CHECK(piece.wet == wet.data() + begin);
        if (pieces.size() != chunks.size())
          CHECK((piece.first_scored == settle || begin == 0 || begin == 8000));
      }
    }
}

TEST_CASE("a chunk that runs alone becomes eight, unless settling costs as much", "[lanes]") {
  CHECK(lane_pieces({chunk(0, 20000, 0)}, 1000).size() == 8);
  CHECK(lane_pieces({chunk(0, 20000, 0)}, 600).size() == 16); // of two settlings each
  CHECK(lane_pieces({chunk(0, 20000, 0)}, 15000).size() == 1);
  CHECK(lane_pieces({chunk(0, 20000, 0, 2500, true)}, 500).size() == 8);
}
