// Stretches that stand for a long recording, against the whole of it and against stretches drawn at random.
#include "optim/tools/solvers/match_coreset.h"

#include "catch.h"
#include "dsp/chain/processor.h"
#include "dsp/error.h"
#include "optim/data/resample.h"
#include "optim/engine/random.h"
#include "optim/match/match.h"

#include <algorithm>
#include <cmath>
#include <numeric>

using namespace raphson;
using namespace raphson::optim;
using namespace raphson::optim::tools;
using Catch::Matchers::Contains;

namespace {

/// Four minutes of spoken digits and what a levelling amplifier makes of them, which the paper's compressor
/// can only come near.
struct Speech {
  data::Audio dry, wet;

  Speech() : dry(data::read_audio(std::string(RAPHSON_SOURCE_DIR) + "/assets/data/fsdd/jackson.flac")) {
    dsp::ChainSettings unit = dsp::parse_chain("dynamics[power,feedback,knee,memory]");
    unit.blocks[0].values[0] = -35;
    wet = dry;
    dsp::ChainProcessor(unit, dry.sample_rate)
        .process(std::span<const float>(dry.channels[0]), std::span<float>(wet.channels[0]));
  }
};
const Speech& speech() {
  static const Speech s;
  return s;
}

double esr_fitted_on(const std::vector<match::FrameRange>& ranges) {
  match::MatchOptions options;
  options.held_out = false;
  options.starts = 1;
  options.delay_samples = 0;
  options.chunks.only = ranges;
  return match::match(speech().dry, speech().wet, options).esr;
}

} // namespace

TEST_CASE("twenty of four minutes' stretches stand for all of them, better than twenty drawn at random") {
  const MatchCoreset coreset = match_coreset(speech().dry, speech().wet, 20);
  CHECK(coreset.stretches == 230);
  REQUIRE(coreset.ranges.size() == 20);
  CHECK(std::is_sorted(coreset.ranges.begin(), coreset.ranges.end(),
                       [](const auto& a, const auto& b) { return a.end <= b.begin && a.begin < b.begin; }));
  const double whole = esr_fitted_on({});
  const auto excess = [&](double esr) { return esr / whole - 1; };
  const double chosen = excess(esr_fitted_on(coreset.ranges));

  RandomStream random(1, "stretches");
  double drawn = 0;
  constexpr int draws = 3;
  for (int d = 0; d < draws; ++d) {
    std::vector<std::size_t> order(coreset.stretches);
    std::iota(order.begin(), order.end(), std::size_t{0});
    random.shuffle(order);
    std::vector<match::FrameRange> ranges;
    const std::size_t frames = speech().dry.frames();
    for (std::size_t k = 0; k < coreset.ranges.size(); ++k)
      ranges.push_back({frames * order[k] / coreset.stretches, frames * (order[k] + 1) / coreset.stretches});
    drawn += excess(esr_fitted_on(ranges)) / draws;
  }
  WARN("ESR " << whole << "; more by " << chosen << " chosen, by " << drawn << " drawn");
  CHECK(chosen > 0); // it has not seen the rest
  CHECK(chosen < 0.12);
  CHECK(chosen < 0.6 * drawn);
}

TEST_CASE("a stretch's features are its levels, its gain and how fast the level changes") {
  data::Audio dry{1000, {std::vector<float>(2000, 0.1F)}}, wet{1000, {std::vector<float>(2000, 0.05F)}};
  for (std::size_t n = 1000; n < 2000; ++n)
    if (n / 10 % 2 == 0) dry.channels[0][n] = wet.channels[0][n] = 0;
  const data::RowMatrix f = stretch_features(dry, wet, {{0, 1000}, {1000, 2000}});
  CHECK(f(0, 0) == 0);
  CHECK(f(1, 0) == Approx(59.4).margin(0.1)); // 60 dB from silence and back, in 99 of 100 windows
  for (const Eigen::Index level : {1, 3, 5}) CHECK(f(0, level) == Approx(-20).margin(1e-3));
  for (const Eigen::Index stretch : {0, 1})
    for (const Eigen::Index gain : {2, 4, 6}) CHECK(f(stretch, gain) == Approx(-6.0206).margin(1e-3));
  CHECK(f(1, 1) == -80);
  CHECK(f(1, 5) == Approx(-20).margin(1e-3));
}

TEST_CASE("a coreset of nothing or of everything is refused") {
  CHECK_THROWS_WITH(match_coreset(speech().dry, speech().wet, 0), Contains("--coreset"));
  CHECK_THROWS_WITH(match_coreset(speech().dry, speech().wet, 231), Contains("--coreset"));
  CHECK(match_coreset(speech().dry, speech().wet, 1).ranges.size() == 4);
}
