// raphson match --session, from a manifest to a model, and what it says of bad input.
#include "program.h"

#include "../data/scratch_folder.h"
#include "catch.h"
#include "dsp/io/atomic_file.h"
#include "dsp/model/knob_map.h"
#include "dsp/model/model_file.h"

#include <algorithm>
#include <csignal>
#include <cstdlib>
#include <nlohmann/json.hpp>

namespace {

using namespace raphson;
using nlohmann::json;
using optim::data::Audio;
using optim::data::write_audio;

constexpr double rate = 16000;

/// A unit with an Amount of five positions and a switch.
struct Unit : ScratchFolder {
  explicit Unit(double seconds = 2) {
    dry = stepped_noise(seconds, rate);
    write_audio(*this / "dry.wav", dry);
    manifest = {{"format", "raphson-session"},
                {"version", 1},
                {"name", "Unit"},
                {"knobs",
                 {{{"name", "Amount"}, {"key", "amount"}, {"minimum", 2}, {"maximum", 10}, {"initial", 5}},
                  {{"name", "Mode"}, {"key", "mode"}, {"positions", {"Soft", "Hard"}}}}},
                {"takes", json::array()}};
    for (const bool hard : {false, true})
      for (const double amount : {10.0, 7.0, 5.0, 2.0}) {
        const std::string wet = "wet" + std::to_string(manifest["takes"].size()) + ".wav";
        write_audio(*this / wet, compressed(dry, at(amount, hard)));
        manifest["takes"].push_back({{"dry", "dry.wav"},
                                     {"wet", wet},
                                     {"knobs", {{"amount", amount}, {"mode", hard ? "Hard" : "Soft"}}}});
      }
    save();
  }
  static dsp::ChainSettings at(double amount, bool hard) {
    return test_compressor(-12 - 2 * amount, hard ? 8 + amount : 3);
  }
  void save() const { dsp::write_file(*this / "unit.json", manifest.dump()); }
  std::vector<std::string> arguments(const std::string& out,
                                     const std::vector<std::string>& more = {}) const {
    std::vector<std::string> list{"match", "--session", (*this / "unit.json").string(), "--out",
                                  (*this / out).string()};
    list.insert(list.end(), more.begin(), more.end());
    return list;
  }
  Audio dry;
  json manifest;
};

void check_refused(const Unit& unit, const std::vector<std::string>& arguments,
                   const std::vector<std::string>& words) {
  const auto before = listing(unit.path());
  const Finished run = run_program(arguments);
  INFO("stderr: " << run.err << "stdout: " << run.out);
  CHECK(run.code == 2);
  CHECK(std::count(run.err.begin(), run.err.end(), '\n') == 1);
  CHECK(run.err.starts_with("raphson: "));
  CHECK(run.out.empty());
  for (const std::string& word : words) {
    INFO("expected: " << word);
    CHECK(run.err.find(word) != std::string::npos);
  }
  CHECK(listing(unit.path()) == before);
}

const char* const results[] = {"Unit.raphson.json", "report.json", "report.html",
                               "map.svg",           "table.csv",   "Unit.session.json"};

} // namespace

TEST_CASE("a session writes a model with the unit's knobs, a table and a report, which agree") {
  const Unit unit;
  setenv("SOURCE_DATE_EPOCH", "1000000000", 1);
  const Finished run = run_program(unit.arguments("out", {"--json"}));
  INFO(run.err);
  REQUIRE(run.code == 0);
  CHECK(run.err.empty());
  const json report = json::parse(run.out);
  CHECK(json::parse(read_text(unit / "out/report.json")) == report);
  CHECK(report["schema"] == "raphson.session/1");
  CHECK(report["interpolation"] == "monotone");
  REQUIRE(report["settings"].size() == 8);
  for (const json& setting : report["settings"]) {
    INFO(setting.dump());
    CHECK(setting["map_esr"] < 1e-8);
    const double amount = setting["knobs"]["amount"];
    CHECK(setting["extrapolated"] == (amount == 10 || amount == 2));
    CHECK(setting["left_out_esr"] < (setting["extrapolated"] ? 1 : 1e-3));
  }
  bool falls = false;
  for (const json& d : report["directions"])
    falls =
        falls || (d["parameter"] == "threshold_db" && d["direction"] == "falling" && d["knob"] == "amount");
  CHECK(falls);

  const dsp::Model model = dsp::read_model(unit / "out/Unit.raphson.json");
  CHECK(model.interpolation == dsp::Interpolation::monotone);
  const auto found = dsp::chain_values(model, {6, 1}), expected = Unit::at(6, true).values();
  CHECK(found[0] == Approx(expected[0]).epsilon(1e-3));
  CHECK(found[1] == Approx(expected[1]).epsilon(0.02));
  CHECK(listing(unit / "out").size() == std::size(results));
  const std::string csv = read_text(unit / "out/table.csv");
  CHECK(
      csv.starts_with("amount,mode,esr,map_esr,left_out_esr,extrapolated,threshold_db,threshold_db_fitted"));
  CHECK(std::count(csv.begin(), csv.end(), '\n') == 9);

  const Finished again = run_program(unit.arguments("out"));
  CHECK(again.code == 0);
  for (const char* word : {"8 settings", "8 of them were fitted before", "left out",
                           "Threshold falls along Amount", "* at an end", "Unit.raphson.json"}) {
    INFO(word);
    CHECK(again.out.find(word) != std::string::npos);
  }
}

TEST_CASE("a session that was interrupted goes on, to the same bytes") {
  const Unit unit(6);
  setenv("SOURCE_DATE_EPOCH", "1000000000", 1);
  REQUIRE(run_program(unit.arguments("whole", {"--quiet"})).code == 0);
  const auto interrupt = [&](pid_t child) { // once the first setting is there
    for (int i = 0; i < 100000 && !std::filesystem::exists(unit / "broken/Unit.session.json"); ++i)
      usleep(100);
    kill(child, SIGINT);
  };
  const Finished stopped = run_program(unit.arguments("broken"), {.while_running = interrupt});
  INFO(stopped.err);
  CHECK(stopped.code == 130);
  CHECK(stopped.out.empty());
  CHECK(stopped.err.starts_with("raphson: interrupted; the settings finished so far are kept in "));
  CHECK(listing(unit / "broken").size() == 1);
  const json state = json::parse(read_text(unit / "broken/Unit.session.json"));
  CHECK((state["settings"].size() >= 1 && state["settings"].size() < 8));

  const Finished resumed = run_program(unit.arguments("broken"));
  REQUIRE(resumed.code == 0);
  CHECK(resumed.out.find("of them were fitted before") != std::string::npos);
  for (const char* name : results) {
    INFO(name);
    CHECK(read_text(unit / "broken" / name) == read_text(unit / "whole" / name));
  }

  dsp::write_file(unit / "broken/Unit.session.json", "{\"schema\"");
  const Finished damaged = run_program(unit.arguments("broken"));
  CHECK(damaged.code == 0);
  CHECK(damaged.err.find("is no state of this session: every setting is fitted again") != std::string::npos);
  CHECK(read_text(unit / "broken/Unit.raphson.json") == read_text(unit / "whole/Unit.raphson.json"));
}

TEST_CASE("a session refuses bad input with one line and leaves nothing behind") {
  Unit unit;
  const std::string file = (unit / "unit.json").string();
  const json good = unit.manifest;
  const auto refuse = [&](const std::vector<std::string>& words, const std::function<void(json&)>& change) {
    unit.manifest = good;
    change(unit.manifest);
    unit.save();
    check_refused(unit, unit.arguments("out/deep"), words);
  };
  refuse({file, "takes: it is empty"}, [](json& m) { m["takes"] = json::array(); });
  refuse({file, "takes[1]: the same knob positions as takes[0]", "one take a setting"},
         [](json& m) { m["takes"][1]["knobs"]["amount"] = 10; });
  refuse({file, "takes[2]", "none.wav", "No such file"}, [](json& m) { m["takes"][2]["wet"] = "none.wav"; });
  dsp::write_file(unit / "text.wav", "These are words, no samples.");
  refuse({file, "takes[2]", "text.wav", "not audio"}, [](json& m) { m["takes"][2]["wet"] = "text.wav"; });
  write_audio(unit / "other.wav", stepped_noise(2, rate, 7));
  refuse({file, "takes[0]", "other.wav"}, [](json& m) { m["takes"][0]["wet"] = "other.wav"; });
  dsp::write_file(unit / "unit.json", "");
  check_refused(unit, unit.arguments("out"), {file});
  dsp::write_file(unit / "unit.json", good.dump().substr(0, 300));
  check_refused(unit, unit.arguments("out"), {file, "cut off at byte 300"});
  unit.manifest = good;
  unit.save();
  check_refused(unit, {"match", "--session", (unit / "no.json").string()}, {"no.json", "No such file"});
  check_refused(unit, unit.arguments("out", {"--name", "x"}), {"--session", "--name"});
  check_refused(unit, {"match", "a.wav", "b.wav", "--session", file}, {"--session", "DRY WET"});
  check_refused(unit, {"match", "a.wav"}, {"WET is required"});
  check_refused(unit, {"match"}, {"DRY is required"});
}

TEST_CASE("a session warns of a take that does not fit the others") {
  const Unit unit;
  Audio upside_down = compressed(unit.dry, Unit::at(5, false));
  for (float& x : upside_down.channels[0]) x = -x;
  write_audio(unit / "wet2.wav", upside_down);
  const Finished run = run_program(unit.arguments("out"));
  CHECK(run.code == 0);
  CHECK(run.err
        == "raphson: warning: takes[2] (Amount 5, Mode Soft): its polarity is not that of most takes\n");
}
