// An arbitrary linear stage fitted together with the compressor.
#include "catch.h"
#include "dsp/chain/processor.h"
#include "optim/engine/random.h"
#include "optim/match/match.h"

#include <string>

using namespace raphson;
using namespace raphson::optim;
using namespace raphson::optim::match;

namespace {

data::Audio recording(const std::string& name) {
  return data::read_audio(std::string(RAPHSON_SOURCE_DIR) + "/assets/recordings/" + name + ".flac");
}

MatchResult matched(const data::Audio& dry, const data::Audio& wet, const std::string& model) {
  MatchOptions options;
  options.model = model;
  options.held_out = false;
  return match::match(dry, wet, options);
}

} // namespace

TEST_CASE("A rational stage explains more of the hardware than an equaliser of as many parameters",
          "[hardware]") {
  // What compressor+eq leaves with its fifteen (docs/models.md).
  const auto [name, of_equaliser] =
      GENERATE(table<std::string, double>({{"la2a", 0.003407}, {"cl1b", 0.004103}}));
  INFO(name);
  const MatchResult result =
      matched(recording(name + "-dry"), recording(name + "-wet"), "compressor+rational");
  CHECK(result.esr < of_equaliser);
  CHECK(result.parameters.size() == 15);
}

// A filter's own delay must not be taken for the recording's.
TEST_CASE("A linear stage behind a compressor is found again", "[recovery]") {
  const data::Audio dry = recording("la2a-dry");
  dsp::ChainSettings chain = dsp::parse_chain("compressor+rational");
  const auto set = [&](const std::string& parameter, double value) {
    auto values = chain.values();
    values[chain.index(parameter)] = value;
    chain.set_values(values);
  };
  set("threshold_db", -30);
  set("rational.section1_hz", 90);
  set("rational.section1_low", -0.5);
  set("rational.section2_hz", 2500);
  set("rational.section2_q", 1.5);
  set("rational.section2_band", 0.8);
  data::Audio wet = dry;
  dsp::ChainProcessor(chain, dry.sample_rate)
      .process(std::span<const float>(dry.channels[0]), std::span<float>(wet.channels[0]));
  const MatchResult result = matched(dry, wet, "compressor+rational");
  CHECK(result.alignment.delay_samples == 0);
  CHECK(result.esr < 1e-6);
  CHECK(result.chain.blocks.back().fitted_rate == dry.sample_rate);

  MatchState state{result.chain, result.alignment};
  state.chain.blocks.back().fitted_rate = 0; // as a state's file leaves it
  MatchOptions options;
  options.model = "compressor+rational";
  options.held_out = false;
  options.resume = state;
  CHECK(match::match(dry, wet, options).chain.blocks.back().fitted_rate == dry.sample_rate);
}

TEST_CASE("A device that is linear and nothing else is found, where its phase looks like a delay",
          "[recovery]") {
  data::Audio dry;
  dry.sample_rate = 48000;
  RandomStream random(1, "excitation");
  std::vector<float> low(96000), noise(low.size());
  double state = 0;
  for (std::size_t n = 0; n < low.size(); ++n) {
    noise[n] = static_cast<float>(0.1 * random.normal());
    low[n] = static_cast<float>(state += 0.12 * (noise[n] - state));
  }
  dry.channels = {noise};
  data::Audio wet = dry;
  wet.channels = {low};
  const MatchResult result = matched(dry, wet, "compressor+rational");
  CHECK(result.alignment.delay_samples == 0);
  CHECK(result.esr < 1e-6);
}
