#include "catch.h"
#include "optim/data/fractional_delay.h"
#include "optim/match/unaligned_pair.h"
#include "tests/optim/match/reference.h"

#include <cmath>

using namespace raphson;
using namespace raphson::optim;
using namespace raphson::optim::match;

namespace {

data::Audio recording(std::size_t frames, std::uint64_t seed, std::size_t channels = 1) {
  data::Audio audio{8000, {}};
  for (std::size_t c = 0; c < channels; ++c) audio.channels.push_back(programme(frames, seed + c).dry);
  return audio;
}

/// wet(n + delay) for the frames of the dry recording, by way of the public delay and room on all sides.
std::vector<float> expected_wet(const std::vector<float>& wet, double delay, std::size_t frames) {
  constexpr std::size_t room = 4000;
  std::vector<float> wide(room, 0.0f);
  wide.insert(wide.end(), wet.begin(), wet.end());
  wide.resize(room + frames + wet.size() + room, 0.0f);
  const std::vector<float> moved = data::fractional_delay(wide, -delay);
  return {moved.begin() + room, moved.begin() + static_cast<std::ptrdiff_t>(room + frames)};
}

} // namespace

TEST_CASE("A recording aligned in place is the delayed one wherever both are heard", "[align]") {
  const double delay = GENERATE(0.0, 3.0, -5.0, 0.3, -0.4, 0.5, 20.75, -20.75, 1234.7, -700.25);
  const std::size_t wet_frames = GENERATE(3000, 3500, 2500);
  const bool inverted = GENERATE(false, true);
  INFO("delay " << delay << ", " << wet_frames << " frames, inverted " << inverted);
  const data::Audio dry = recording(3000, 1);
  data::Audio wet = recording(wet_frames, 2);
  const std::vector<float> expected = expected_wet(wet.channels[0], delay, dry.frames());
  const Pair pair = align_in_place(dry, wet, {delay, inverted, 1});
  REQUIRE(pair.wet[0].data() == wet.channels[0].data());
  REQUIRE(pair.dry[0].data() == dry.channels[0].data());
  REQUIRE(pair.scored_end <= pair.wet[0].size());
  REQUIRE(pair.scored_end <= dry.frames());

  // All that both have, less what the filter of a fraction reads beyond it.
  const double both = std::min(3000.0, static_cast<double>(wet_frames) - delay) - std::max(0.0, -delay);
  const auto scored = static_cast<double>(pair.scored_end - pair.scored_begin);
  CHECK(scored <= both);
  CHECK(scored >= both - (delay == std::round(delay) ? 0 : 2 * data::fractional_delay_reach + 2));
  for (std::size_t n = pair.scored_begin; n < pair.scored_end; ++n)
    REQUIRE(pair.wet[0][n] == Approx(inverted ? -expected[n] : expected[n]).margin(1e-6));
}

TEST_CASE("An excerpt is a part of the recording as it will be aligned", "[align]") {
  const double delay = GENERATE(0.0, 3.0, -5.0, 0.3, -0.4, 20.75, -20.75, 1234.7, -700.25);
  INFO("delay " << delay);
  const data::Audio dry = recording(3000, 1);
  data::Audio wet = recording(2800, 2);
  UnalignedPair unaligned(dry, wet, {0, true, 1});
  unaligned.set_delay(delay);
  const auto [begin, end] = GENERATE(table<std::size_t, std::size_t>({{0, 2000}, {700, 1300}, {10, 1566}}));
  const std::vector<float> part = unaligned.aligned_wet(0, begin, end);
  const Excerpt excerpt(unaligned, {0.03, 0.01});
  CHECK(excerpt.chunks().size() == 8);
  CHECK(wet.channels[0] == recording(2800, 2).channels[0]); // as it came
  const Pair whole = align_in_place(dry, wet, unaligned.alignment());
  CHECK(whole.scored_begin == unaligned.layout().scored_begin);
  CHECK(whole.scored_end == unaligned.layout().scored_end);
  for (std::size_t n = begin; n < std::min(end, whole.scored_end); ++n)
    REQUIRE(part[n - begin] == whole.wet[0][n]);
  for (const ChunkView& chunk : excerpt.chunks()) {
    const auto first = static_cast<std::size_t>(chunk.dry - whole.dry[0].data());
    CHECK(std::equal(chunk.wet, chunk.wet + chunk.count, whole.wet[0].begin() + first));
  }
}

TEST_CASE("A mono recording on either side serves all channels", "[align]") {
  data::Audio mono = recording(1000, 1), stereo = recording(1000, 5, 2);
  const Pair from_mono = align_in_place(mono, stereo, {0.25, false, 1});
  REQUIRE(from_mono.dry.size() == 2);
  CHECK(from_mono.dry[0].data() == from_mono.dry[1].data());
  CHECK(from_mono.wet[1].data() == stereo.channels[1].data());
  const Pair to_mono = align_in_place(stereo, mono, {2, false, 1});
  REQUIRE(to_mono.wet.size() == 2);
  CHECK(to_mono.wet[0].data() == to_mono.wet[1].data());
  CHECK(to_mono.wet[0].size() == 998);
}
