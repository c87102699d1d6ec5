// render, measure, info and check, held against the library.
#include "program.h"

#include "../data/scratch_folder.h"
#include "catch.h"
#include "dsp/measure/esr.h"
#include "dsp/measure/loudness.h"
#include "dsp/model/knob_map.h"
#include "dsp/model/model_file.h"

#include <nlohmann/json.hpp>

namespace {

using namespace raphson;
using nlohmann::json;
using optim::data::Audio;
using optim::data::read_audio;
using optim::data::write_audio;

const std::string la2a = RAPHSON_SOURCE_DIR "/assets/models/la2a.raphson.json";

} // namespace

TEST_CASE("render streams every channel through the chain as one call would") {
  const ScratchFolder folder;
  const Audio dry = stepped_noise(5, 44100, 3, 2); // more than three blocks
  write_audio(folder / "in.wav", dry);
  const auto render = [&](std::vector<std::string> more) {
    more.insert(more.begin(), {"render", la2a, (folder / "in.wav").string(), (folder / "out.wav").string()});
    const Finished run = run_program(more);
    INFO(run.err);
    REQUIRE(run.code == 0);
    return read_audio(folder / "out.wav");
  };
  const dsp::Model model = dsp::read_model(la2a);
  dsp::ChainSettings chain = model.chain;
  chain.set_values(dsp::chain_values(model, {62.5, 1}));
  CHECK(render({"--knob", "peak_reduction=62.5", "--knob", "mode=limit"}).channels
        == compressed(dry, chain).channels);
  CHECK(render({"--knob", "Mode=Limit", "--knob", "peak_reduction=62.5", "--threads", "1"}).channels
        == compressed(dry, chain).channels);
  std::vector<double> values = model.chain.values();
  values[chain.index("ratio")] = 3;
  values[chain.index("makeup_db")] = -4.5;
  chain.set_values(values);
  const Audio set = render({"--set", "ratio=3", "--set", "makeup_db=-4.5", "--quiet"});
  CHECK(set.channels == compressed(dry, chain).channels);
  CHECK(set.sample_rate == 44100);
}

TEST_CASE("render says how fast it was and what clipped") {
  const ScratchFolder folder;
  write_audio(folder / "in.wav", stepped_noise(1, 44100));
  const std::vector<std::string> arguments{
      "render", la2a, (folder / "in.wav").string(), (folder / "out.flac").string(), "--set", "makeup_db=40"};
  const Finished run = run_program(arguments);
  CHECK(run.code == 0);
  CHECK(run.out.find("x real time") != std::string::npos);
  CHECK(run.err.find("clipped") != std::string::npos);
}

TEST_CASE("measure gives the library's figures and finds a delay") {
  const ScratchFolder folder;
  const Audio b = stepped_noise(4, 44100);
  Audio a = b;
  for (std::size_t n = 0; n < a.frames(); ++n)
    a.channels[0][n] = n < 123 ? 0.0f : -0.5f * b.channels[0][n - 123];
  write_audio(folder / "a.wav", a);
  write_audio(folder / "b.wav", b);
  const Finished run =
      run_program({"measure", (folder / "a.wav").string(), (folder / "b.wav").string(), "--json"});
  INFO(run.err);
  REQUIRE(run.code == 0);
  const json report = json::parse(run.out);
  CHECK(double(report["esr"])
        == Approx(dsp::esr(std::span<const float>(a.channels[0]), b.channels[0])).epsilon(1e-12));
  CHECK(report["delay_samples"] == 123);
  CHECK(report["polarity_inverted"] == true);
  CHECK(double(report["loudness_lufs"]["difference"]) == Approx(-6.02).margin(0.1));
  CHECK(double(report["loudness_lufs"]["b"])
        == Approx(dsp::integrated_lufs(b.channels[0], 44100)).epsilon(1e-12));

  const Finished text = run_program({"measure", (folder / "a.wav").string(), (folder / "b.wav").string()});
  CHECK(text.out.find("A is 123 samples later than B and upside down") != std::string::npos);
  const Finished same =
      run_program({"measure", (folder / "b.wav").string(), (folder / "b.wav").string(), "--json"});
  CHECK(json::parse(same.out)["esr"] == 0);
  CHECK(json::parse(same.out)["delay_samples"] == 0);
}

TEST_CASE("info shows and check passes the models that ship") {
  for (const auto& entry : std::filesystem::directory_iterator(RAPHSON_SOURCE_DIR "/assets/models")) {
    if (!entry.path().filename().string().ends_with(".raphson.json")) continue;
    const Finished check = run_program({"check", entry.path().string()});
    CHECK(check.code == 0);
    CHECK(check.out + check.err == "");
  }
  const Finished info = run_program({"info", la2a});
  CHECK(info.code == 0);
  for (const char* word :
       {"threshold", "release", "ms", "Peak Reduction", "40 to 100", "Compress, Limit", "AIMLA"}) {
    INFO(word);
    CHECK(info.out.find(word) != std::string::npos);
  }
  const Finished turned = run_program({"info", la2a, "--knob", "peak_reduction=100", "--json"});
  const dsp::Model model = dsp::read_model(la2a);
  const json values = json::parse(turned.out)["chain"][0]["parameters"];
  CHECK(double(values["ratio"]) == dsp::chain_values(model, {100, 0})[1]);
}

TEST_CASE("help lists the commands by family and explains each") {
  const Finished help = run_program({"--help"});
  CHECK(help.code == 0);
  CHECK(help.err.empty());
  CHECK(help.out.find("Sound matching:") < help.out.find("Models:"));
  for (const char* command : {"match", "knobs", "render", "measure", "info", "check"}) {
    CHECK(help.out.find(std::string("\n  ") + command + " ") != std::string::npos);
    const Finished one = run_program({command, "--help"});
    CHECK(one.code == 0);
    for (const char* option : {"--json", "--quiet", "Example:"})
      CHECK(one.out.find(option) != std::string::npos);
  }
  const Finished version = run_program({"--version"});
  CHECK(version.code == 0);
  CHECK(version.out.starts_with("raphson "));
}
