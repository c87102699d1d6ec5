// --model auto against units whose structure is known, and the family against the hardware.
#include "catch.h"
#include "dsp/chain/processor.h"
#include "dsp/error.h"
#include "optim/data/audio_file.h"
#include "optim/match/match.h"
#include "optim/match/sigmoid_range.h"

#include <algorithm>
#include <cmath>

using namespace raphson;
using namespace raphson::optim;
using namespace raphson::optim::match;

namespace {

data::Audio recording(const std::string& name) {
  return data::read_audio(RAPHSON_SOURCE_DIR "/assets/recordings/" + name + ".flac");
}

/// What a unit makes of the dry recording; `values` by name, the others as the model begins.
data::Audio played(const data::Audio& dry, const std::string& model,
                   const std::vector<std::pair<std::string, double>>& values) {
  dsp::ChainSettings chain = dsp::parse_chain(model);
  std::vector<double> all = chain.values();
  for (const auto& [name, value] : values) all[chain.index(name)] = value;
  chain.set_values(all);
  data::Audio wet = dry;
  for (std::vector<float>& channel : wet.channels)
    dsp::ChainProcessor(chain, dry.sample_rate).process(std::span<const float>(channel), std::span(channel));
  return wet;
}

MatchOptions quick(const std::string& model) {
  MatchOptions options;
  options.model = model;
  options.held_out = false;
  return options;
}

} // namespace

TEST_CASE("auto finds how a unit is put together, and says what it tried", "[auto]") {
  const data::Audio dry = recording("la2a-dry");
  const auto [unit, smoothed] = GENERATE(table<std::string, dsp::SmoothedQuantity>(
      {{"dynamics[level,knee]", dsp::SmoothedQuantity::level},
       {"dynamics[gain-db,knee]", dsp::SmoothedQuantity::gain_db}}));
  INFO(unit);
  const data::Audio wet =
      played(dry, unit,
             {{"threshold_db", -28}, {"ratio", 5}, {"knee_db", 10}, {"attack_ms", 20}, {"release_ms", 300}});
  const MatchResult result = match::match(dry, wet, quick("auto"));
  const MatchResult paper = match::match(dry, wet, quick("compressor"));
  INFO(to_string(result.chain));
  CHECK(result.esr < 1e-5);
  CHECK(result.esr < 0.05 * paper.esr);
  REQUIRE(result.chain.compressor() != nullptr);
  CHECK(result.chain.compressor()->structure.smoothed == smoothed);

  const auto& tried = result.candidates;
  const auto chosen =
      std::find_if(tried.begin(), tried.end(), [](const AutoCandidate& c) { return c.verdict == "chosen"; });
  REQUIRE(chosen != tried.end());
  CHECK(chosen->model == to_string(result.chain));
  CHECK(chosen->parameters == result.parameters.size());
  CHECK(std::any_of(tried.begin(), tried.end(), [](const AutoCandidate& c) { return c.stage == "paper"; }));
  for (const AutoCandidate& c : tried) // none that costs no more is clearly better where it was not fitted
    if (c.parameters <= chosen->parameters && c.stage == chosen->stage)
      CHECK(c.held_out_error >= 0.98 * chosen->held_out_error);
}

TEST_CASE("auto keeps the paper's compressor where there is nothing else to find", "[auto]") {
  const data::Audio dry = recording("la2a-dry");
  const data::Audio wet = played(
      dry, "compressor", {{"threshold_db", -30}, {"ratio", 4}, {"attack_ms", 10}, {"release_ms", 200}});
  const MatchResult result = match::match(dry, wet, quick("auto"));
  CHECK(to_string(result.chain) == "compressor");
  CHECK(result.esr < 1e-6);
}

TEST_CASE("The family reaches the hardware with few parameters", "[hardware]") {
  const auto [name, model, esr] = GENERATE(
      table<std::string, std::string, double>({{"la2a", "dynamics[power,feedback,knee,memory]", 0.0030},
                                               {"cl1b", "dynamics[knee]", 0.0042},
                                               {"cl1b-slow", "dynamics[smoothing]", 0.0040}}));
  INFO(name << ", " << model);
  const MatchResult result = match::match(recording(name + "-dry"), recording(name + "-wet"), quick(model));
  CHECK(result.esr < esr);
  CHECK(result.parameters.size() <= 9);
}

TEST_CASE("A fit that runs into the end of a range stays within it", "[auto]") {
  for (std::size_t i = 0; i < dsp::equaliser_parameters.size(); ++i) {
    const dsp::Parameter& p = dsp::equaliser_parameters[i];
    for (const double z : {-800.0, -40.0, 40.0, 800.0}) {
      const double value = SigmoidRange(p).physical(z);
      CHECK(value >= p.minimum);
      CHECK(value <= p.maximum);
    }
  }
}

TEST_CASE("auto takes a short recording and refuses inverse mode", "[auto]") {
  data::Audio dry = recording("la2a-dry");
  for (std::vector<float>& channel : dry.channels)
    channel = {channel.begin() + 96000, channel.begin() + 96000 + 80000};
  const data::Audio wet = played(dry, "compressor", {{"threshold_db", -30}, {"release_ms", 100}});
  const MatchResult result = match::match(dry, wet, quick("auto"));
  CHECK(result.esr < 1e-3);
  for (const AutoCandidate& c : result.candidates) CHECK_FALSE(std::isnan(c.held_out_error));
  MatchOptions inverse = quick("auto");
  inverse.mode = Mode::inverse;
  CHECK_THROWS_AS(match::match(dry, wet, inverse), InputError);
}
