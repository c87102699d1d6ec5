// raphson match --gru, from recordings to a model that render plays.
#include "program.h"

#include "../../dsp/dynamics/gru_reference.h"
#include "../data/scratch_folder.h"
#include "catch.h"
#include "dsp/model/model_file.h"

#include <nlohmann/json.hpp>

namespace {

using namespace raphson;
using nlohmann::json;
using optim::data::Audio;
using optim::data::read_audio;
using optim::data::write_audio;

constexpr double rate = 16000;

dsp::ChainSettings corrected_compressor() {
  dsp::ChainSettings chain = test_compressor();
  chain.blocks.push_back({dsp::BlockType::gru_makeup, {}, {}, test::random_network(3, 4, 0.6, rate)});
  return chain;
}

std::vector<std::string> match(const ScratchFolder& folder, const std::vector<std::string>& more) {
  std::vector<std::string> arguments{"match", (folder / "unit-dry.wav").string(),
                                     (folder / "wet.wav").string(), "--out", (folder / "out").string()};
  arguments.insert(arguments.end(), more.begin(), more.end());
  return arguments;
}

} // namespace

TEST_CASE("match --gru: the network is trained, reported, written, and rendered as it was scored") {
  const ScratchFolder folder;
  const Audio dry = stepped_noise(4, rate);
  write_audio(folder / "unit-dry.wav", dry);
  write_audio(folder / "wet.wav", compressed(dry, corrected_compressor()));
  const Finished run = run_program(match(folder, {"--gru", "4", "--gru-seconds", "100", "--json"}));
  INFO(run.err);
  REQUIRE(run.code == 0);
  const json report = json::parse(run.out);
  CHECK(json::parse(read_text(folder / "out/report.json")) == report);
  const json& network = report["network"];
  REQUIRE(network["kept"] == true);
  CHECK(network["units"] == 4);
  CHECK(network["weights"] == dsp::GruWeights::count(4));
  CHECK(network["esr"] < 0.5 * network["esr_before"].get<double>());
  CHECK(network["held_out"]["scored_esr"] < network["held_out_before"]["scored_esr"]);
  CHECK(report["esr"] == network["esr"]);
  CHECK(report["model"] == "compressor+gru");

  const std::string model = (folder / "out/unit.raphson.json").string();
  CHECK(dsp::correction(dsp::read_model(model).chain)->units == 4);
  REQUIRE(run_program({"check", model}).code == 0);
  CHECK(run_program({"info", model}).out.find("76 weights") == std::string::npos);
  CHECK(run_program({"info", model}).out.find(std::to_string(dsp::GruWeights::count(4)) + " weights")
        != std::string::npos);
  const std::string out = (folder / "rendered.wav").string();
  REQUIRE(run_program({"render", model, (folder / "unit-dry.wav").string(), out}).code == 0);
  const Audio rendered = read_audio(out), clone = read_audio(folder / "out/unit-clone.wav");
  REQUIRE(rendered.frames() == clone.frames());
  float furthest = 0;
  for (std::size_t t = 0; t < clone.frames(); ++t)
    furthest = std::max(furthest, std::abs(rendered.channels[0][t] - clone.channels[0][t]));
  CHECK(furthest < 1e-6f);
}

TEST_CASE("match --gru: where nothing is left to correct, the plain chain is kept and it says so") {
  const ScratchFolder folder;
  const Audio dry = stepped_noise(3, rate);
  write_audio(folder / "unit-dry.wav", dry);
  write_audio(folder / "wet.wav", compressed(dry, test_compressor()));
  const Finished run = run_program(match(folder, {"--gru", "2", "--gru-seconds", "1", "--json"}));
  REQUIRE(run.code == 0);
  const json report = json::parse(run.out);
  CHECK(report["esr"] <= report["network"]["esr_before"]);
  const bool kept = report["network"]["kept"];
  CHECK((report["model"] == "compressor+gru") == kept);
  CHECK((run.err.find("the network was left out") != std::string::npos) == !kept);
}

TEST_CASE("match --gru: options that cannot be are refused") {
  const ScratchFolder folder;
  const auto refused = [&](const std::vector<std::string>& more, const char* message) {
    const Finished run = run_program(match(folder, more));
    CHECK(run.code != 0);
    CAPTURE(run.err);
    CHECK(run.err.find(message) != std::string::npos);
  };
  refused({"--gru", "8", "--model", "eq"}, "--gru: it corrects the gain of a compressor, which 'eq'");
  refused({"--gru", "65"}, "--gru");
  refused({"--gru", "8", "--gru-seconds", "0"}, "--gru-seconds");
}
