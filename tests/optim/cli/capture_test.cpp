// raphson capture signal and split, from a signal through a simulated device to pairs that match.
#include "program.h"

#include "../capture/device.h"
#include "../data/scratch_folder.h"
#include "catch.h"
#include "dsp/io/atomic_file.h"

#include <algorithm>
#include <nlohmann/json.hpp>

namespace {

using namespace raphson;
using nlohmann::json;
using optim::data::Audio;
using optim::data::read_audio;
using optim::data::write_audio;
using raphson::dsp::write_file;

constexpr double rate = 16000;

struct SignalFolder : ScratchFolder {
  explicit SignalFolder(const std::vector<std::string>& more = {}) {
    std::vector<std::string> arguments{"capture", "signal", "--rate",        "16000", "--length",
                                       "20",      "--out",  path().string(), "--json"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    written = run_program(arguments);
    REQUIRE(written.err == "");
    REQUIRE(written.code == 0);
    plan = json::parse(written.out);
    played = read_audio(*this / "capture.wav").channels[0];
  }
  std::string name(const std::string& file) const { return (*this / file).string(); }
  Finished split(const std::vector<std::string>& more = {}, const std::string& file = "returned.wav") const {
    std::vector<std::string> arguments{"capture",  "split", name("capture.json"),
                                       name(file), "--out", name("pairs")};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return run_program(arguments);
  }
  Finished written;
  json plan;
  std::vector<float> played;
};

/// Code 2, one line with each of the words, and no file that was not there before.
void check_refused(const ScratchFolder& folder, const std::vector<std::string>& arguments,
                   const std::vector<std::string>& words) {
  const auto before = listing(folder.path());
  const Finished run = run_program(arguments);
  INFO("stderr: " << run.err);
  CHECK(run.code == 2);
  CHECK(run.err.starts_with("raphson: "));
  CHECK(std::count(run.err.begin(), run.err.end(), '\n') == 1);
  CHECK(run.out.empty());
  for (const std::string& word : words) {
    INFO("expected: " << word);
    CHECK(run.err.find(word) != std::string::npos);
  }
  CHECK(listing(folder.path()) == before);
}

std::string replaced(std::string text, const std::string& from, const std::string& to) {
  const std::size_t at = text.find(from);
  REQUIRE(at != std::string::npos);
  return text.replace(at, from.size(), to);
}

} // namespace

TEST_CASE("capture signal writes a recording and the plan that it prints") {
  const SignalFolder folder;
  CHECK(json::parse(read_text(folder / "capture.json")) == folder.plan);
  CHECK(folder.plan["schema"] == "raphson.capture.plan/1");
  CHECK(folder.plan["audio"] == "capture.wav");
  CHECK(folder.plan["frames"] == folder.played.size());
  CHECK(folder.plan["parts"].size() == 6);
  CHECK(listing(folder.path()).size() == 2);

  const SignalFolder again, seeded({"--seed", "9"}), short_bits({"--format", "pcm16"});
  CHECK(read_text(again / "capture.wav") == read_text(folder / "capture.wav"));
  CHECK(seeded.played != folder.played);
  CHECK(std::filesystem::file_size(short_bits / "capture.wav") * 3
        == Approx(2.0 * double(std::filesystem::file_size(folder / "capture.wav"))).epsilon(0.001));

  const Finished loud = run_program({"capture", "signal", "--length", "15", "--rate", "8000", "--settings",
                                     "3", "--out", folder.name("new"), "--name", "unit"});
  CHECK(loud.code == 0);
  for (const char* word : {"unit.wav", "3 takes", "noise_floor", "threshold, ratio, attack and release",
                           "Turn the knobs", "raphson capture split unit.json RETURNED"}) {
    INFO(word);
    CHECK(loud.out.find(word) != std::string::npos);
  }
  const Finished quiet = run_program(
      {"capture", "signal", "--length", "15", "--rate", "8000", "--out", folder.name("new"), "--quiet"});
  CHECK(quiet.code == 0);
  CHECK(quiet.out + quiet.err == "");
}

TEST_CASE("capture split gives the pairs of each take, and match finds the unit in them") {
  const SignalFolder folder({"--settings", "2", "--pause", "1"});
  const Device device{
      .compressor = la2a(), .delay_samples = 5000.4, .drift_ppm = 90, .inverted = true, .noise_rms = 2e-5};
  write_audio(folder / "returned.wav", {rate, {returned(folder.played, device, rate)}},
              optim::data::SampleFormat::pcm24);
  const Finished run = folder.split({"--json"});
  REQUIRE(run.err == "");
  REQUIRE(run.code == 0);
  const json report = json::parse(run.out);
  CHECK(json::parse(read_text(folder / "pairs/report.json")) == report);
  CHECK(report["schema"] == "raphson.capture.split/1");
  CHECK(report["drift_ppm"].get<double>() == Approx(90).epsilon(0).margin(0.1));
  REQUIRE(report["takes"].size() == 2);
  CHECK(report["marks"].size() == 12);
  CHECK(listing(folder / "pairs").size() == 6);
  for (std::size_t take = 0; take < 2; ++take) {
    const json& t = report["takes"][take];
    const std::string stem = "take-" + std::to_string(take + 1);
    CHECK(t["dry"] == stem + "-dry.wav");
    CHECK(t["wet"] == stem + "-wet.wav");
    CHECK(t["warnings"].empty());
    const json& channel = t["channels"][0];
    CHECK(channel["polarity_inverted"] == true);
    CHECK(channel["clipped_samples"] == 0);
    CHECK(channel["noise_floor_dbfs"].get<double>() == Approx(20 * std::log10(2e-5)).margin(0.5));
    const double begin = folder.plan["marks"][6 * take]["at_frame"];
    CHECK(channel["delay_samples"].get<double>() == Approx(5000.4 + 90e-6 * begin).epsilon(0).margin(0.05));
    CHECK(read_audio(folder / ("pairs/" + stem + "-dry.wav")).frames()
          == read_audio(folder / ("pairs/" + stem + "-wet.wav")).frames());
  }
  const Finished matched =
      run_program({"match", folder.name("pairs/take-1-dry.wav"), folder.name("pairs/take-1-wet.wav"),
                   "--no-held-out", "--json", "--out", folder.name("clone")});
  REQUIRE(matched.code == 0);
  const json parameters = json::parse(matched.out)["parameters"];
  const auto value = [&](const char* name) { return parameters[name]["value"].get<double>(); };
  CHECK(value("threshold_db") == Approx(-19.8358).epsilon(0.01));
  CHECK(value("ratio") == Approx(4.28901).epsilon(0.01));
  CHECK(value("attack_ms") == Approx(3.84972).epsilon(0.01));
  CHECK(value("release_ms") == Approx(254.912).epsilon(0.01));
  CHECK(value("makeup_db") == Approx(0.423801).epsilon(0.01));

  const Finished table = folder.split();
  CHECK(table.code == 0);
  for (const char* word : {"delay (samples)", "90.0", "inverted", "noise floor", "-94.", "mark SNR",
                           "raphson match", "take-1-dry.wav"}) {
    INFO(word);
    CHECK(table.out.find(word) != std::string::npos);
  }
  const std::string page = read_text(folder / "pairs/report.html");
  CHECK(page.find("Noise floor") != std::string::npos);
  CHECK(page.find("Evenness of the clocks") != std::string::npos);
}

TEST_CASE("capture split warns in plain words, unless quiet") {
  const SignalFolder folder;
  const Device device{.gain = 4, .noise_rms = 1e-4, .clip_at = 1};
  write_audio(folder / "returned.wav", {rate, {returned(folder.played, device, rate)}});
  const Finished run = folder.split();
  CHECK(run.code == 0);
  CHECK(run.err.starts_with("raphson: warning: take 1: "));
  CHECK(run.err.find("samples are clipped: turn the input of the recorder down") != std::string::npos);
  const Finished quiet = folder.split({"--quiet"});
  CHECK(quiet.code == 0);
  CHECK(quiet.out + quiet.err == "");
}

TEST_CASE("capture refuses what it cannot use, and leaves nothing") {
  const SignalFolder folder({"--settings", "2", "--pause", "1"});
  const std::string plan = folder.name("capture.json"), back = folder.name("back.wav"),
                    out = folder.name("o");
  std::vector<float> cut = folder.played;
  cut.resize(cut.size() * 2 / 3);
  write_audio(back, {rate, {cut}});
  check_refused(folder, {"capture", "split", plan, back, "--out", out},
                {back, "cut short", "(end of take 2, at 0:4", "--partial"});
  CHECK(run_program({"capture", "split", plan, back, "--out", folder.name("partial"), "--partial", "--quiet"})
            .code
        == 0);
  CHECK(listing(folder / "partial").size() == 4);
  write_audio(folder / "music.wav", stepped_noise(10, rate));
  check_refused(folder, {"capture", "split", plan, folder.name("music.wav"), "--out", out},
                {folder.name("music.wav"), "none of the plan's 12 marks", "capture.wav"});
  write_audio(folder / "stereo.wav", {rate, {folder.played, folder.played}});
  check_refused(folder, {"capture", "split", plan, folder.name("stereo.wav"), "--out", out},
                {"2 channels", "--channel", "marks are in 1, 2"});
  check_refused(folder, {"capture", "split", plan, folder.name("stereo.wav"), "--channel", "3", "--out", out},
                {"--channel", "no channel 3"});
  check_refused(folder, {"capture", "split", plan, folder.name("none.wav"), "--out", out},
                {folder.name("none.wav"), "No such file"});
  check_refused(folder, {"capture", "split", back, back, "--out", out}, {back, "not JSON"});
  write_file(folder / "two.json", replaced(read_text(plan), "plan/1", "plan/2"));
  check_refused(folder, {"capture", "split", folder.name("two.json"), back, "--out", out},
                {folder.name("two.json"), "raphson.capture.plan/2", "raphson.capture.plan/1"});
  write_file(folder / "lost.json", replaced(read_text(plan), "capture.wav", "lost.wav"));
  check_refused(folder, {"capture", "split", folder.name("lost.json"), back, "--out", out},
                {folder.name("lost.wav"), "No such file"});
  check_refused(folder, {"capture", "signal", "--length", "3", "--out", out}, {"--length", "15 to 3600"});
  check_refused(folder, {"capture", "signal", "--rate", "1e9", "--out", out}, {"--rate"});
  check_refused(folder, {"capture", "signal", "--append", folder.name("none.wav"), "--out", out},
                {folder.name("none.wav")});
  check_refused(folder, {"capture", "signal", "--append", folder.name("stereo.wav"), "--out", out},
                {"stereo.wav has 2 channels", "--channels 2"});
  check_refused(
      folder, {"capture", "signal", "--append", folder.name("capture.wav"), "--out", folder.path().string()},
      {folder.name("capture.wav"), "overwritten"});
  check_refused(folder, {"capture", "signal", "--name", "a/b", "--out", out}, {"--name", "a/b"});
  check_refused(folder, {"capture", "signal", "--colour"}, {"--colour", "raphson capture signal --help"});
  check_refused(folder, {"capture", "split", plan}, {"RETURNED", "raphson capture split --help"});
  check_refused(folder, {"capture"}, {"raphson capture --help"});
  check_refused(folder, {"capture", "sing"}, {"sing", "raphson capture --help"});
}
