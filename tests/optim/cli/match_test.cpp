// raphson match and knobs, from recordings to files.
#include "program.h"

#include "../data/scratch_folder.h"
#include "catch.h"
#include "dsp/filters/rational_conversions.h"
#include "dsp/model/knob_map.h"
#include "dsp/model/model_file.h"
#include "optim/data/resample.h"

#include <algorithm>
#include <csignal>
#include <cstdlib>
#include <nlohmann/json.hpp>

namespace {

using namespace raphson;
using nlohmann::json;
using optim::data::Audio;
using optim::data::read_audio;
using optim::data::write_audio;

constexpr double rate = 16000;

Finished match(const ScratchFolder& folder, const std::vector<std::string>& more,
               const RunOptions& options = {}) {
  std::vector<std::string> arguments{"match", (folder / "unit-dry.wav").string(),
                                     (folder / "wet.wav").string(), "--out", (folder / "out").string()};
  arguments.insert(arguments.end(), more.begin(), more.end());
  return run_program(arguments, options);
}

double parameter(const json& report, const char* name) { return report["parameters"][name]["value"]; }

} // namespace

TEST_CASE("a match writes model, clone and report, which agree") {
  const ScratchFolder folder;
  const Audio dry = stepped_noise(4, rate);
  write_audio(folder / "unit-dry.wav", dry);
  write_audio(folder / "wet.wav", compressed(dry, test_compressor()));
  setenv("SOURCE_DATE_EPOCH", "1000000000", 1);
  const Finished run = match(folder, {"--json"});
  INFO(run.err);
  REQUIRE(run.code == 0);
  CHECK(run.err.empty());

  const json report = json::parse(run.out);
  CHECK(json::parse(read_text(folder / "out/report.json")) == report);
  CHECK(report["schema"] == "raphson.match.report/1");
  CHECK(report["esr"] < 1e-8);
  CHECK(report["esr_before"] > 0.01);
  CHECK(report["converged"] == true);
  CHECK(parameter(report, "threshold_db") == Approx(-30).epsilon(1e-3));
  CHECK(parameter(report, "ratio") == Approx(4).epsilon(1e-3));
  CHECK(parameter(report, "attack_ms") == Approx(4).epsilon(1e-3));
  CHECK(parameter(report, "release_ms") == Approx(90).epsilon(1e-3));
  CHECK(parameter(report, "makeup_db") == Approx(6).epsilon(1e-3));

  const dsp::Model model = dsp::read_model(folder / "out/unit.raphson.json");
  CHECK(model.name == "unit");
  CHECK(model.source.dry == "unit-dry.wav");
  CHECK(model.source.date == "2001-09-09T01:46:40Z");
  CHECK(model.source.esr == double(report["esr"]));
  CHECK(model.chain.values()[1] == parameter(report, "ratio"));

  // The clone is what render makes of the model, to the bit.
  REQUIRE(run_program({"render", (folder / "out/unit.raphson.json").string(),
                       (folder / "unit-dry.wav").string(), (folder / "again.wav").string(), "--quiet"})
              .code
          == 0);
  CHECK(read_audio(folder / "again.wav").channels == read_audio(folder / "out/unit-clone.wav").channels);

  const std::set<std::string> names = listing(folder / "out");
  for (const char* name : {"report.html", "gain-reduction.svg", "transfer-curve.svg", "convergence.svg"})
    CHECK(names.count((folder / "out" / name).string()) == 1);
  CHECK(names.size() == 7);
  CHECK(read_text(folder / "out/report.html").find("data:audio/flac;base64") != std::string::npos);
}

TEST_CASE("a match prints a table, and nothing when quiet") {
  const ScratchFolder folder;
  const Audio dry = stepped_noise(2, rate);
  write_audio(folder / "unit-dry.wav", dry);
  write_audio(folder / "wet.wav", compressed(dry, test_compressor()));
  const Finished loud = match(folder, {"--no-held-out", "--name", "box"});
  CHECK(loud.code == 0);
  for (const char* word : {"Threshold", "Ratio", "Attack", "Release", "Make-up", "standard error",
                           "ESR before", "LUFS", "difference", "box.raphson.json"}) {
    INFO(word);
    CHECK(loud.out.find(word) != std::string::npos);
  }
  const Finished quiet = match(folder, {"--no-held-out", "--quiet"});
  CHECK(quiet.code == 0);
  CHECK(quiet.out + quiet.err == "");
}

TEST_CASE("a match without any gain reduction says what it cannot know") {
  const ScratchFolder folder;
  Audio audio = stepped_noise(2, rate);
  write_audio(folder / "unit-dry.wav", audio);
  for (float& x : audio.channels[0]) x *= 0.5f;
  write_audio(folder / "wet.wav", audio);
  const Finished run = match(folder, {"--json", "--no-held-out", "--starts", "1"});
  INFO(run.err);
  REQUIRE(run.code == 0);
  const json report = json::parse(run.out);
  for (const char* name : {"threshold_db", "ratio", "attack_ms", "release_ms"}) {
    INFO(name);
    CHECK(report["parameters"][name]["determined"] == false);
    CHECK(report["parameters"][name]["note"] != "");
  }
  CHECK(match(folder, {"--no-held-out", "--starts", "1"})
            .out.find("not determined: the recording shows no gain reduction")
        != std::string::npos);
}

TEST_CASE("a match warns of a clipped recording") {
  const ScratchFolder folder;
  const Audio dry = stepped_noise(2, rate);
  write_audio(folder / "unit-dry.wav", dry);
  Audio wet = compressed(dry, test_compressor());
  for (float& x : wet.channels[0]) x = std::clamp(4 * x, -1.0f, 1.0f);
  write_audio(folder / "wet.wav", wet);
  const Finished run = match(folder, {"--no-held-out", "--starts", "1"});
  CHECK(run.code == 0);
  CHECK(run.err.starts_with("raphson: warning: the wet recording is clipped"));
  CHECK(match(folder, {"--no-held-out", "--starts", "1", "--quiet"}).err.empty());
}

TEST_CASE("a match of different rates resamples, and says so") {
  const ScratchFolder folder;
  const Audio dry = stepped_noise(2, rate);
  write_audio(folder / "unit-dry.wav", dry);
  write_audio(folder / "wet.wav", optim::data::resample(compressed(dry, test_compressor()), 24000));
  const Finished run = match(folder, {"--no-held-out", "--starts", "1", "--json"});
  INFO(run.err);
  REQUIRE(run.code == 0);
  CHECK(run.err.starts_with("raphson: warning: the wet recording was resampled from 24000 Hz"));
  CHECK(run.err.find("16000 Hz") != std::string::npos);
  const json report = json::parse(run.out);
  CHECK(report["sample_rate"] == rate);
  CHECK(parameter(report, "threshold_db") == Approx(-30).epsilon(0.01));
}

TEST_CASE("Ctrl-C ends a match with nothing, or with the best so far where that is asked for") {
  const ScratchFolder folder;
  const Audio dry = stepped_noise(20, rate);
  write_audio(folder / "unit-dry.wav", dry);
  write_audio(folder / "wet.wav", compressed(dry, test_compressor()));
  // The folder for results appears right before the fit.
  const auto interrupt = [&](pid_t child) {
    for (int i = 0; i < 100000 && !std::filesystem::exists(folder / "out"); ++i) usleep(200);
    kill(child, SIGINT);
  };
  const auto before = listing(folder.path());
  const Finished stopped = match(folder, {"--starts", "12"}, {.while_running = interrupt});
  CHECK(stopped.code == 130);
  CHECK(stopped.err == "raphson: interrupted; nothing was written\n");
  CHECK(stopped.out.empty());
  CHECK(listing(folder.path()) == before);

  const Finished kept =
      match(folder, {"--starts", "12", "--keep-partial", "--json"}, {.while_running = interrupt});
  INFO(kept.err);
  REQUIRE(kept.code == 0);
  const json report = json::parse(kept.out);
  CHECK(report["converged"] == false);
  CHECK(report["stop_reason"] == "cancelled");
  CHECK(report["esr"] < report["esr_before"]);
  CHECK_NOTHROW(dsp::read_model(folder / "out/unit.raphson.json"));
}

TEST_CASE("a match that was told to keep where it is goes on from there, and leaves nothing of it") {
  const ScratchFolder folder;
  const Audio dry = stepped_noise(20, rate);
  write_audio(folder / "unit-dry.wav", dry);
  write_audio(folder / "wet.wav", compressed(dry, test_compressor()));
  const std::filesystem::path state = folder / "out/match-state.json";
  const auto interrupt = [&](pid_t child) {
    for (int i = 0; i < 100000 && !std::filesystem::exists(state); ++i) usleep(100);
    kill(child, SIGINT);
  };
  setenv("RAPHSON_ISA", "baseline", 1); // slow enough to be interrupted on the way
  const Finished stopped = match(folder, {"--resume", "--threads", "1"}, {.while_running = interrupt});
  unsetenv("RAPHSON_ISA");
  CHECK(stopped.code == 130);
  CHECK(stopped.err
        == "raphson: interrupted; the same command with --resume goes on from " + state.string() + "\n");
  REQUIRE(std::filesystem::exists(state));
  CHECK(listing(folder / "out").size() == 1);
  const std::string text = read_text(state);

  // What is damaged, or belongs to something else, is refused by name and left alone.
  const auto refused = [&](const std::vector<std::string>& more, const std::string& words) {
    const Finished run = match(folder, more);
    CHECK(run.code == 2);
    CHECK(run.err.starts_with("raphson: " + state.string() + ": " + words));
    CHECK(std::filesystem::exists(state));
  };
  refused({"--resume", "--model", "compressor+eq"}, "it belongs to another match (compressor, forward, not ");
  std::ofstream(state) << text.substr(0, 100);
  refused({"--resume"}, "it is no state of a match, or a damaged one");
  std::ofstream(state) << text;

  const Finished resumed = match(folder, {"--resume", "--json"});
  INFO(resumed.err);
  REQUIRE(resumed.code == 0);
  CHECK_FALSE(std::filesystem::exists(state));
  CHECK(parameter(json::parse(resumed.out), "threshold_db") == Approx(-30).epsilon(1e-3));
}

TEST_CASE("knobs fits every position and chooses how to interpolate by what it left out") {
  const ScratchFolder folder;
  const Audio dry = stepped_noise(3, rate);
  write_audio(folder / "dry.wav", dry);
  std::vector<std::string> arguments{
      "knobs", "--knob", "Peak Reduction", "--out", (folder / "k.raphson.json").string(), "--json"};
  // Threshold and the logarithm of the ratio straight in the position: linear interpolation is exact.
  for (const double position : {40.0, 60.0, 80.0, 100.0}) {
    const std::string wet = (folder / ("wet" + std::to_string(position) + ".wav")).string();
    write_audio(wet, compressed(dry, test_compressor(-10 - position / 4, 2 * std::exp(position / 100))));
    arguments.insert(arguments.end(),
                     {"--pair", std::to_string(position), (folder / "dry.wav").string(), wet});
  }
  const Finished run = run_program(arguments);
  INFO(run.err);
  REQUIRE(run.code == 0);
  const json report = json::parse(run.out);
  REQUIRE(report["positions"].size() == 4);
  CHECK(report["positions"][0]["left_out_esr"]["linear"].is_null());
  CHECK(report["positions"][3]["left_out_esr"]["spline"].is_null());
  for (const int i : {1, 2}) CHECK(report["positions"][i]["left_out_esr"]["linear"] < 1e-6);
  const dsp::Model model = dsp::read_model(folder / "k.raphson.json");
  REQUIRE(model.knobs.size() == 1);
  CHECK(model.knobs[0].key == "peak_reduction");
  CHECK(model.knobs[0].maximum == 100);
  const std::vector<double> between = dsp::chain_values(model, {70});
  CHECK(between[0] == Approx(-27.5).epsilon(1e-3));
  CHECK(between[1] == Approx(2 * std::exp(0.7)).epsilon(1e-3));
}

TEST_CASE("knobs builds a model from models") {
  const ScratchFolder folder;
  std::vector<std::string> arguments{"knobs", "--knob", "Drive", "--out",
                                     (folder / "k.raphson.json").string()};
  for (const int position : {1, 2, 3}) {
    const std::string path = (folder / (std::to_string(position) + ".raphson.json")).string();
    dsp::write_model(path, {"m", test_compressor(-10.0 * position), {}, {}, {}, {}});
    arguments.push_back(path + "@" + std::to_string(position));
  }
  const Finished run = run_program(arguments);
  INFO(run.err);
  REQUIRE(run.code == 0);
  const dsp::Model model = dsp::read_model(folder / "k.raphson.json");
  CHECK(dsp::chain_values(model, {2.5})[0] == Approx(-25));
  CHECK(model.chain.values()[0] == -20); // the middle position is the initial one
}

TEST_CASE("knobs brings filters that were fitted at several rates to the first one's") {
  const ScratchFolder folder;
  std::vector<std::string> arguments{"knobs", "--knob", "Drive", "--out",
                                     (folder / "k.raphson.json").string()};
  dsp::ChainSettings chain = dsp::parse_chain("rational");
  std::vector<double> values = chain.values();
  values[chain.index("rational.section1_hz")] = 3000;
  values[chain.index("rational.section1_band")] = 0.7;
  chain.set_values(values);
  for (const int position : {1, 2}) {
    chain.blocks[0].fitted_rate = position == 1 ? 44100 : 96000;
    const std::string path = (folder / (std::to_string(position) + ".raphson.json")).string();
    dsp::write_model(path, {"m", chain, {}, {}, {}, {}});
    arguments.push_back(path + "@" + std::to_string(position));
  }
  const Finished run = run_program(arguments);
  INFO(run.err);
  REQUIRE(run.code == 0);
  const dsp::Model model = dsp::read_model(folder / "k.raphson.json");
  CHECK(model.chain.blocks[0].fitted_rate == 44100);
  CHECK(model.table[0].values == values);
  const std::vector<double> moved = dsp::stage_values_at_rate(values, 96000, 44100);
  CHECK(moved != values);
  for (std::size_t i = 0; i < moved.size(); ++i) CHECK(model.table[1].values[i] == Approx(moved[i]));
}

TEST_CASE("knobs writes the rate of the recordings that a filter was fitted to") {
  const ScratchFolder folder;
  const Audio dry = stepped_noise(2, rate);
  write_audio(folder / "dry.wav", dry);
  std::vector<std::string> arguments{
      "knobs", "--model", "rational", "--knob", "Level", "--out", (folder / "k.raphson.json").string()};
  for (const int position : {1, 2}) {
    Audio wet = dry;
    for (float& x : wet.channels[0]) x *= 0.25f * static_cast<float>(position);
    const std::string path = (folder / ("wet" + std::to_string(position) + ".wav")).string();
    write_audio(path, wet);
    arguments.insert(arguments.end(),
                     {"--pair", std::to_string(position), (folder / "dry.wav").string(), path});
  }
  const Finished run = run_program(arguments);
  INFO(run.err);
  REQUIRE(run.code == 0);
  CHECK(dsp::read_model(folder / "k.raphson.json").chain.blocks[0].fitted_rate == rate);
}
