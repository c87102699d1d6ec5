// What a match must find again: audio made by the compressor itself over the whole published table, and the
// LA-2A recording in every disguise that a recording chain can put on it.
#include "catch.h"
#include "dsp/chain/processor.h"
#include "optim/data/csv.h"
#include "optim/data/fractional_delay.h"
#include "optim/data/resample.h"
#include "optim/engine/random.h"
#include "optim/match/compressor_fit.h"
#include "optim/match/match.h"

#include <cmath>
#include <string>

using namespace raphson;
using namespace raphson::optim;
using namespace raphson::optim::match;

namespace {

const std::string assets = std::string(RAPHSON_SOURCE_DIR) + "/assets/";

data::Audio recording(const std::string& name) {
  return data::read_audio(assets + "recordings/" + name + ".flac");
}

data::Audio compressed(const data::Audio& dry, const CompressorValues& values) {
  data::Audio wet = dry;
  for (std::size_t c = 0; c < dry.channels.size(); ++c)
    dsp::ChainProcessor(compressor_chain(values), dry.sample_rate)
        .process(std::span<const float>(dry.channels[c]), std::span<float>(wet.channels[c]));
  return wet;
}

std::vector<CompressorValues> published_table() {
  const data::CsvTable table = data::read_csv(assets + "models/la2a-published-parameters.csv");
  std::vector<CompressorValues> rows;
#ifdef RAPHSON_SANITIZE
  constexpr std::size_t stride = 9; // an address is wrong for every ninth set as for all
#else
  constexpr std::size_t stride = 1;
#endif
  for (std::size_t r = 0; r < table.rows(); r += stride)
    rows.push_back({table.number(r, "threshold_db"), table.number(r, "ratio"), table.number(r, "attack_ms"),
                    table.number(r, "release_ms"), table.number(r, "makeup_db")});
  return rows;
}

MatchResult match_quickly(const data::Audio& dry, const data::Audio& wet) {
  MatchOptions options;
  options.held_out = false;
  return optim::match::match(dry, wet, options);
}

} // namespace

TEST_CASE("every set of the published table is found again on three recordings", "[recovery]") {
  const std::string name = GENERATE(as<std::string>(), "la2a-dry", "cl1b-dry", "digits-dry");
  const data::Audio dry = recording(name);
  double worst = 0, worst_esr = 0;
  for (const CompressorValues& truth : published_table()) {
    const MatchResult result = match_quickly(dry, compressed(dry, truth));
    INFO(name << ", threshold " << truth[0] << " dB");
    for (int i = 0; i < 5; ++i) {
      CHECK(std::abs(result.parameters[i].value / truth[i] - 1) < 1e-3);
      CHECK(result.parameters[i].determined);
      worst = std::max(worst, std::abs(result.parameters[i].value / truth[i] - 1));
    }
    CHECK(result.esr < 1e-8);
    CHECK(result.alignment.delay_samples == 0);
    worst_esr = std::max(worst_esr, result.esr);
  }
  WARN(name << ": largest relative error " << worst << ", largest ESR " << worst_esr);
}

TEST_CASE("a recording that stays below the threshold determines the make-up alone", "[recovery]") {
  const data::Audio dry = recording("cl1b-slow-dry"); // peaks at -15.1 dBFS
  const MatchResult result = match_quickly(dry, compressed(dry, {-13.1, 5.4, 30.5, 470.2, 0.7}));
  CHECK(result.esr < 1e-8);
  for (int i = 0; i < 4; ++i) {
    CHECK_FALSE(result.parameters[i].determined);
    CHECK(std::isinf(result.parameters[i].standard_error));
    CHECK(result.parameters[i].note == "the recording shows no gain reduction");
  }
  CHECK(result.parameters[4].determined);
  CHECK(result.parameters[4].value == Approx(0.7).epsilon(1e-6));
}

namespace {

struct Disguise {
  std::string name;
  double makeup_db = 0; ///< that it adds
  data::Audio dry, wet;
};

void prepend_silence(data::Audio& audio, double seconds) {
  for (auto& channel : audio.channels)
    channel.insert(channel.begin(), static_cast<std::size_t>(seconds * audio.sample_rate), 0.0f);
}

void scale(data::Audio& audio, float gain) {
  for (auto& channel : audio.channels)
    for (float& x : channel) x *= gain;
}

void add_noise(data::Audio& audio, double db) {
  RandomStream random(1, "noise at -60 dB");
  for (auto& channel : audio.channels) {
    double power = 0;
    for (const float x : channel) power += double(x) * double(x) / static_cast<double>(channel.size());
    const double deviation = std::sqrt(power) * std::pow(10, db / 20);
    for (float& x : channel) x += static_cast<float>(deviation * random.normal());
  }
}

std::vector<Disguise> disguises(const data::Audio& dry, const data::Audio& wet) {
  std::vector<Disguise> list;
  const auto add = [&](const std::string& name, double makeup_db) -> Disguise& {
    list.push_back({name, makeup_db, dry, wet});
    return list.back();
  };
  prepend_silence(add("delayed by half a second", 0).wet, 0.5);
  for (const double delay : {0.25, 0.5, 1234.7}) {
    Disguise& d = add("delayed by " + std::to_string(delay) + " samples", 0);
    prepend_silence(d.wet, 0.1);
    d.wet.channels[0] = data::fractional_delay(d.wet.channels[0], delay);
  }
  scale(add("inverted", 0).wet, -1.0f);
  scale(add("20 dB up", 20).wet, 10.0f);
  scale(add("20 dB down", -20).wet, 0.1f);
  for (const double rate : {44100.0, 96000.0}) {
    Disguise& d = add("at " + std::to_string(rate) + " Hz", 0);
    d.dry = data::resample(d.dry, rate);
    d.wet = data::resample(d.wet, rate);
  }
  add_noise(add("with noise at -60 dB", 0).wet, -60);
  Disguise& both = add("behind a second of silence in both", 0);
  prepend_silence(both.dry, 1);
  prepend_silence(both.wet, 1);
  prepend_silence(add("behind a second of silence in the wet one", 0).wet, 1);
  Disguise& after = add("with a second of silence after it", 0);
  after.wet.channels[0].resize(after.wet.channels[0].size() + 48000, 0.0f);
  return list;
}

} // namespace

TEST_CASE("a disguised recording gives the same parameters within their standard errors", "[robustness]") {
  const data::Audio dry = recording("la2a-dry"), wet = recording("la2a-wet");
  const MatchResult plain = match_quickly(dry, wet);
  REQUIRE(plain.esr < 0.0058);
  for (const Disguise& d : disguises(dry, wet)) {
    const MatchResult result = match_quickly(d.dry, d.wet);
    INFO(d.name << ": ESR " << result.esr << ", delay " << result.alignment.delay_samples);
    for (int i = 0; i < 5; ++i) {
      const ParameterEstimate& p = plain.parameters[i];
      INFO(p.name << " " << p.value << " +- " << p.standard_error << " became "
                  << result.parameters[i].value);
      const double shift = result.parameters[i].value - p.value - (i == 4 ? d.makeup_db : 0);
      CHECK(std::abs(shift) < p.standard_error);
    }
    CHECK(result.esr < 1.05 * plain.esr);
    CHECK(result.alignment.inverted == (d.name == "inverted"));
  }
}

TEST_CASE("hardware is matched as closely as the paper's model can", "[hardware]") {
  const auto esr = [](const std::string& name) {
    return match_quickly(recording(name + "-dry"), recording(name + "-wet")).esr;
  };
  CHECK(esr("la2a") < 0.0050);
  CHECK(esr("cl1b") < 0.0048);
  CHECK(esr("cl1b-slow") < 0.0050); // 0.10 without the half sample of delay
}

TEST_CASE("an equaliser beside the compressor explains more", "[hardware]") {
  MatchOptions options;
  options.held_out = false;
  options.model = "compressor+eq";
  CHECK(optim::match::match(recording("la2a-dry"), recording("la2a-wet"), options).esr < 0.0040);
  CHECK(optim::match::match(recording("cl1b-dry"), recording("cl1b-wet"), options).esr < 0.0046);
}

TEST_CASE("first-order rules match the LA-2A as Newton does, in more steps", "[solver]") {
  const data::Audio dry = recording("la2a-dry"), wet = recording("la2a-wet");
  MatchOptions options;
  options.held_out = false;
  options.delay_samples = 0.2163;
  const MatchResult newton = optim::match::match(dry, wet, options);
  options.starts = 1;
  options.maximum_iterations = 30; // 600 of a first-order rule
  for (const char* solver : {"adam", "soap", "m-fac"}) {
    options.solver = solver;
    const MatchResult result = optim::match::match(dry, wet, options);
    INFO(solver);
    CHECK(result.esr / newton.esr - 1 < 0.02);
    CHECK(std::abs(result.parameters[0].value - newton.parameters[0].value) < 0.3);
    CHECK(result.iterations > 10 * newton.iterations);
    CHECK(std::isfinite(result.parameters[0].standard_error)); // by a Hessian at its end
  }
}
