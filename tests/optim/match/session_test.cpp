// Sessions: from takes at the settings of a unit whose map is known to a model with its knobs.
#include "../data/scratch_folder.h"
#include "catch.h"
#include "dsp/chain/processor.h"
#include "dsp/error.h"
#include "dsp/filters/rational_conversions.h"
#include "dsp/io/atomic_file.h"
#include "dsp/model/knob_map.h"
#include "dsp/model/model_file.h"
#include "optim/match/session/fit_session.h"
#include "optim/match/session/isotonic.h"
#include "optim/match/session/order.h"

#include <cmath>
#include <limits>
#include <nlohmann/json.hpp>

using namespace raphson;
using namespace raphson::optim;
using namespace raphson::optim::match;
using Catch::Matchers::Contains;
using nlohmann::json;

namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();

/// Straight in every parameter's own scale, so that linear interpolation is exact.
dsp::ChainSettings unit_at(double drive, double speed, bool limit) {
  dsp::ChainSettings chain = dsp::parse_chain("compressor");
  chain.set_values(std::vector<double>{-16 - 1.5 * drive, (limit ? 8 : 3) * std::exp(0.05 * drive),
                                       2 * std::exp(-0.1 * speed), 150 * std::exp(-0.15 * speed), 0.5 * drive,
                                       0, 0, 0});
  return chain;
}

/// Two seconds of the dry recording of the LA-2A.
data::Audio music() {
  const data::Audio full = data::read_audio(RAPHSON_SOURCE_DIR "/assets/recordings/la2a-dry.flac");
  data::Audio audio{full.sample_rate, {full.channels[0]}};
  audio.channels[0].resize(static_cast<std::size_t>(2 * full.sample_rate));
  return audio;
}

struct SessionFolder : ScratchFolder {
  SessionFolder() {
    dry = music();
    data::write_audio(*this / "dry.wav", dry);
    manifest = {{"format", "raphson-session"},
                {"version", 1},
                {"name", "Unit"},
                {"knobs",
                 {{{"name", "Drive"}, {"key", "drive"}, {"unit", "dB"}, {"minimum", 0}, {"maximum", 10}},
                  {{"name", "Speed"}, {"key", "speed"}, {"minimum", 0}, {"maximum", 10}},
                  {{"name", "Mode"}, {"key", "mode"}, {"positions", {"Compress", "Limit"}}}}},
                {"takes", json::array()}};
  }
  void add(double drive, double speed, bool limit) {
    const std::string name = "wet" + std::to_string(manifest["takes"].size()) + ".wav";
    data::Audio wet = dry;
    dsp::ChainProcessor(unit_at(drive, speed, limit), dry.sample_rate)
        .process(std::span<const float>(wet.channels[0]), std::span<float>(wet.channels[0]));
    data::write_audio(*this / name, wet);
    manifest["takes"].push_back(
        {{"dry", "dry.wav"},
         {"wet", name},
         {"knobs", {{"drive", drive}, {"speed", speed}, {"mode", limit ? "Limit" : "Compress"}}}});
  }
  Session read(const json& text) const {
    dsp::write_file(*this / "unit.json", text.dump());
    return read_session(*this / "unit.json");
  }
  std::string refusal(const json& text) const {
    try {
      check_session_recordings(read(text));
    } catch (const InputError& error) {
      return error.what();
    }
    return "none";
  }
  data::Audio dry;
  json manifest;
};

/// A session of the drive alone, without recordings, at these positions.
Session drive_session(const std::vector<double>& positions) {
  Session s;
  s.name = "Unit";
  s.knobs = {{"Drive", "drive", "", 0, 10, {}, 0}};
  s.chain = dsp::parse_chain("compressor");
  s.interpolation = dsp::Interpolation::monotone;
  for (const double at : positions)
    s.takes.push_back({{at}, "dry", "wet", "takes[" + std::to_string(s.takes.size()) + "]"});
  return s;
}

std::vector<SettingFit> fits_of(const std::vector<double>& thresholds, const std::vector<double>& errors) {
  std::vector<SettingFit> fits;
  for (std::size_t i = 0; i < thresholds.size(); ++i) {
    SettingFit f;
    f.values = {thresholds[i], 4, 5, 100, 0, 0, 0, 0};
    f.errors = {errors[i], 0.01, 0.01, 0.01, 0.01, std::nan(""), std::nan(""), std::nan("")};
    fits.push_back(f);
  }
  return fits;
}

double threshold(const UnitMap& map, std::size_t row) { return map.model.table[row].values[0]; }

} // namespace

TEST_CASE("Isotonic regression pools what is out of order, as worked out by hand", "[session]") {
  const std::vector<double> equal{1, 1, 1, 1};
  const std::vector<OrderedLine> up{{{0, 1, 2, 3}, Direction::rising}},
      down{{{3, 2, 1, 0}, Direction::falling}};
  CHECK(isotonic({1, 3, 2, 4}, equal, up) == std::vector<double>{1, 2.5, 2.5, 4});
  CHECK(isotonic({1, 3, 2, 4}, equal, down) == std::vector<double>{1, 2.5, 2.5, 4});
  CHECK(isotonic({1, 3, 2, 4}, std::vector<double>{1, 3, 1, 1}, up) == std::vector<double>{1, 2.75, 2.75, 4});
  CHECK(isotonic({0.1, 0.2, 0.3, 0.7}, equal, up) == std::vector<double>{0.1, 0.2, 0.3, 0.7});
  // A grid of two by two that must rise both ways.
  const std::vector<OrderedLine> grid{{{0, 1}, Direction::rising},
                                      {{2, 3}, Direction::rising},
                                      {{0, 2}, Direction::rising},
                                      {{1, 3}, Direction::rising}};
  const auto check = [&](const std::vector<double>& y, const std::vector<double>& expected) {
    const std::vector<double> x = isotonic(y, equal, grid);
    for (std::size_t i = 0; i < 4; ++i) CHECK(x[i] == Approx(expected[i]).margin(1e-9));
  };
  check({3, 1, 2, 0}, {1.5, 1.5, 1.5, 1.5});
  check({0, 2, 3, 1}, {0, 2, 2, 2});
  check({0, 2, 3, 2.5}, {0, 2, 2.75, 2.75});
}

TEST_CASE("Each setting starts from its nearest neighbour, switches first", "[session]") {
  Session s = drive_session({});
  s.knobs.push_back({"Mode", "mode", "", 0, 1, {"a", "b"}, 0});
  for (const auto& [drive, mode] :
       std::vector<std::pair<double, double>>{{10, 0}, {10, 1}, {0, 0}, {4, 0}, {1, 1}})
    s.takes.push_back({{drive, mode}, "", "", ""});
  const std::vector<FitStep> order = fitting_order(s);
  std::vector<std::size_t> takes;
  for (const FitStep& step : order) takes.push_back(step.take);
  CHECK(takes == std::vector<std::size_t>{0, 3, 2, 1, 4});
  CHECK_FALSE(order[0].neighbour);
  CHECK(order[1].neighbour == 0);
  CHECK(order[2].neighbour == 3);
  CHECK(order[3].neighbour == 0); // the other mode at the same drive
  CHECK(order[4].neighbour == 1); // its own mode, although another is nearer
}

TEST_CASE("The map of a filter has the sample rate that its rows are for", "[session]") {
  Session s = drive_session({0, 10});
  s.chain = dsp::parse_chain("rational");
  dsp::ChainSettings chain = s.chain;
  std::vector<double> values = chain.values();
  values[chain.index("rational.section1_hz")] = 3000;
  values[chain.index("rational.section1_band")] = 0.7;
  chain.set_values(values);
  std::vector<SettingFit> fits(2);
  for (const std::size_t i : {0, 1}) {
    fits[i].values = chain.values();
    fits[i].errors.assign(s.chain.size(), std::nan(""));
    fits[i].source.sample_rate = i == 0 ? 44100 : 96000;
  }
  const UnitMap map = make_unit_map(s, fits);
  CHECK(map.model.chain.blocks[0].fitted_rate == 44100);
  CHECK(map.model.table[0].values == fits[0].values);
  CHECK(map.model.table[1].values != fits[1].values);
  CHECK(map.model.table[1].values == dsp::stage_values_at_rate(fits[1].values, 96000, 44100));
}

TEST_CASE("The map is made monotone within errors, not against them", "[session]") {
  const Session s = drive_session({0, 2, 5, 10});
  const UnitMap within = make_unit_map(s, fits_of({-10, -20, -19.9, -30}, {0.1, 0.1, 0.1, 0.1}));
  CHECK(threshold(within, 0) == -10);
  CHECK(threshold(within, 1) == Approx(-19.95).epsilon(1e-12));
  CHECK(threshold(within, 2) == Approx(-19.95).epsilon(1e-12));
  CHECK(within.directions[0].direction == Direction::falling);

  const UnitMap weighted = make_unit_map(s, fits_of({-10, -20, -19.9, -30}, {0.1, 0.05, 0.1, 0.1}));
  CHECK(threshold(weighted, 1) == Approx(-19.98).epsilon(1e-12)); // weights 4 and 1

  const UnitMap against = make_unit_map(s, fits_of({-10, -20, -18, -30}, {0.1, 0.1, 0.1, 0.1}));
  CHECK(against.directions[0].direction == Direction::free);
  CHECK(threshold(against, 2) == -18);

  Session ruled = s;
  ruled.rules.push_back({0, 0, Direction::falling});
  const UnitMap by_rule = make_unit_map(ruled, fits_of({-10, -20, -18, -30}, {0.1, 0.1, 0.1, 0.1}));
  CHECK(threshold(by_rule, 1) == Approx(-19));
  CHECK(threshold(by_rule, 2) == Approx(-19));
  CHECK(by_rule.directions[0].by_rule);
}

TEST_CASE("What a setting does not determine comes from its neighbours", "[session]") {
  const Session s = drive_session({0, 2, 5, 10});
  const UnitMap map = make_unit_map(s, fits_of({-77, -20, -1, -36}, {infinity, 0.1, infinity, 0.1}));
  CHECK(threshold(map, 0) == -20);                        // the end holds
  CHECK(threshold(map, 2) == Approx(-26).epsilon(1e-12)); // 3/8 of the way from -20 to -36
  CHECK(map.borrowed[0][0]);
  CHECK_FALSE(map.borrowed[1][0]);
  const UnitMap none = make_unit_map(s, fits_of({-1, -2, -3, -4}, std::vector<double>(4, infinity)));
  CHECK(threshold(none, 2) == -3);

  // Left out, an inner position lies between its neighbours, an end is that of the next.
  const auto fits = fits_of({-10, -20, -26, -36}, {0.1, 0.1, 0.1, 0.1});
  const auto inner = leave_out(s, fits, 1), end = leave_out(s, fits, 3);
  REQUIRE((inner && end));
  CHECK_FALSE(inner->extrapolated);
  CHECK((inner->chain.values()[0] < -10 && inner->chain.values()[0] > -26));
  CHECK(end->extrapolated);
  CHECK(end->chain.values()[0] == -26);
}

TEST_CASE("A session recovers the map of a unit of two knobs and a switch, and resumes to the same bytes",
          "[session]") {
  SessionFolder folder;
  for (const bool limit : {false, true})
    for (const double speed : {8.0, 1.0})
      for (const double drive : {10.0, 5.0, 0.0}) folder.add(drive, speed, limit);
  setenv("SOURCE_DATE_EPOCH", "1000000000", 1);
  const Session session = folder.read(folder.manifest);
  CHECK(session.interpolation == dsp::Interpolation::linear);
  MatchOptions options;
  options.threads = 2;
  const auto model_text = [&](const std::string& state_name, const SessionObserver& observer,
                              std::size_t resumed) {
    SessionState state(folder / state_name, session);
    const FittedSession fitted = fit_session(session, options, "test 1", &state, observer);
    CHECK(fitted.resumed == resumed);
    UnitMap map = make_unit_map(session, fitted.fits);
    const auto scores = score_session(session, fitted, map, 2, {});
    for (std::size_t t = 0; t < scores.size(); ++t) {
      INFO(describe(session.knobs, session.takes[t].knobs));
      CHECK(scores[t].map_esr < 1e-8);
      CHECK(std::isfinite(scores[t].left_out_esr));
      CHECK(scores[t].extrapolated == (session.takes[t].knobs[0] != 5));
      if (scores[t].extrapolated)
        CHECK(scores[t].left_out_esr > 1e-4); // its own fit has no say
      else
        CHECK(scores[t].left_out_esr < 1e-6);
    }
    return dsp::to_json(map.model);
  };
  const std::string whole = model_text("whole.json", {}, 0);
  const dsp::Model model = dsp::parse_model(whole, "map");
  for (const bool limit : {false, true}) {
    const auto expected = unit_at(7.3, 4.4, limit).values(),
               found = dsp::chain_values(model, {7.3, 4.4, double(limit)});
    for (std::size_t i = 0; i < 5; ++i) CHECK(found[i] == Approx(expected[i]).epsilon(0.005));
  }

  struct Stop {};
  SessionObserver stopping;
  stopping.begin = [](std::size_t index, std::size_t, const std::string&) {
    if (index == 5) throw Stop();
  };
  SessionState state(folder / "broken.json", session);
  CHECK_THROWS_AS(fit_session(session, options, "test 1", &state, stopping), Stop);
  CHECK(model_text("broken.json", {}, 5) == whole);
  CHECK(dsp::to_json(model) == whole);

  // A changed recording is fitted again, by name, and so is what started from it; other options, everything.
  folder.manifest["takes"].clear();
  std::vector<std::string> said;
  SessionObserver listening;
  listening.say = [&](const std::string& line) { said.push_back(line); };
  data::Audio other = data::read_audio(folder / "wet11.wav");
  for (float& x : other.channels[0]) x *= 0.9f;
  data::write_audio(folder / "wet11.wav", other);
  SessionState again(folder / "whole.json", session);
  CHECK(fit_session(session, options, "test 1", &again, listening).resumed == 11);
  REQUIRE(said.size() == 1);
  CHECK(said[0] == "Drive 0, Speed 1, Mode Limit is fitted again: its wet recording has changed");
  said.clear();
  MatchOptions others = options;
  others.pre_emphasis = false;
  SessionState third(folder / "whole.json", session);
  CHECK(fit_session(session, others, "test 1", &third, listening).resumed == 0);
  CHECK(said.size() == 12);
  CHECK_THAT(said[3], Contains("the options have changed"));
}

TEST_CASE("A start from a neighbour that leads nowhere is made good by the full search", "[session]") {
  SessionFolder folder;
  folder.manifest["knobs"].erase(1);
  folder.manifest["knobs"].erase(1);
  // Nothing is compressed at the first setting, so that its threshold and times say nothing of the second.
  const std::vector<std::vector<double>> settings{{-0.5, 1.05, 0.2, 2500, 0, 0, 0, 0},
                                                  {-38, 9, 30, 60, 8, 0, 0, 0}};
  for (std::size_t i = 0; i < settings.size(); ++i) {
    dsp::ChainSettings chain = dsp::parse_chain("compressor");
    chain.set_values(settings[i]);
    data::Audio wet = folder.dry;
    dsp::ChainProcessor(chain, wet.sample_rate)
        .process(std::span<const float>(wet.channels[0]), std::span<float>(wet.channels[0]));
    const std::string name = "wet" + std::to_string(i) + ".wav";
    data::write_audio(folder / name, wet);
    folder.manifest["takes"].push_back({{"dry", "dry.wav"}, {"wet", name}, {"knobs", {{"drive", 10 * i}}}});
  }
  const Session session = folder.read(folder.manifest);
  std::vector<int> reads;
  SessionObserver observer;
  observer.begin = [&](std::size_t, std::size_t, const std::string&) { reads.push_back(0); };
  observer.phase = [&](const char*) { ++reads.back(); };
  const FittedSession fitted = fit_session(session, {}, "test 1", nullptr, observer);
  CHECK(reads == std::vector<int>{1, 2});
  CHECK(fitted.fits[1].esr() < 1e-8);
  for (std::size_t i = 0; i < 5; ++i) CHECK(fitted.fits[1].values[i] == Approx(settings[1][i]).epsilon(1e-3));
}

TEST_CASE("A manifest that contradicts itself is refused by file and field", "[session]") {
  SessionFolder folder;
  for (const bool limit : {false, true})
    for (const double speed : {8.0, 1.0})
      for (const double drive : {10.0, 0.0}) folder.add(drive, speed, limit);
  const json& good = folder.manifest;
  REQUIRE(folder.refusal(good) == "none");
  const auto refuse = [&](const std::string& what, const std::function<void(json&)>& change) {
    json bad = good;
    change(bad);
    const std::string text = folder.refusal(bad);
    INFO(text);
    CHECK(text.find((folder / "unit.json").string()) == 0);
    CHECK(text.find('\n') == std::string::npos);
    CHECK_THAT(text, Contains(what));
  };
  refuse("takes: it is empty", [](json& m) { m["takes"] = json::array(); });
  refuse("knobs: it is empty", [](json& m) { m["knobs"] = json::array(); });
  refuse("format: \"song\"", [](json& m) { m["format"] = "song"; });
  refuse("name: \"../unit\"", [](json& m) { m["name"] = "../unit"; });
  refuse("unknown field \"take\"", [](json& m) { m["take"] = 1; });
  refuse("model: ", [](json& m) { m["model"] = "reverb"; });
  refuse("takes[1].knobs.drive: 11 is outside 0 to 10 dB",
         [](json& m) { m["takes"][1]["knobs"]["drive"] = 11; });
  refuse("takes[1].knobs.mode: unknown position \"Off\"",
         [](json& m) { m["takes"][1]["knobs"]["mode"] = "Off"; });
  refuse("takes[1].knobs: unknown knob \"gain\"", [](json& m) { m["takes"][1]["knobs"]["gain"] = 1; });
  refuse("takes[1].knobs.speed: missing", [](json& m) { m["takes"][1]["knobs"].erase("speed"); });
  refuse("takes[1]: the same knob positions as takes[0] (drive = 10",
         [](json& m) { m["takes"][1]["knobs"]["drive"] = 10; });
  refuse("takes: no take for drive = 0, speed = 8", [](json& m) { m["takes"].erase(1); });
  refuse("takes: no take for mode = Limit", [](json& m) {
    for (int i = 0; i < 4; ++i) m["takes"].erase(4);
  });
  refuse("knobs[1]: \"speed\" stands at 8 in every take: remove the knob, or record another", [](json& m) {
    for (json& take : m["takes"]) take["knobs"]["speed"] = 8;
  });
  refuse("takes[1]: the wet recording", [](json& m) { m["takes"][1]["wet"] = "wet0.wav"; });
  refuse("monotone: unknown knob \"size\"", [](json& m) { m["monotone"]["size"] = json::object(); });
  refuse("monotone.mode: it is a switch", [](json& m) { m["monotone"]["mode"]["ratio"] = "rising"; });
  refuse("monotone.drive.ratio: unknown \"up\"", [](json& m) { m["monotone"]["drive"]["ratio"] = "up"; });
  refuse("monotone.drive: unknown parameter \"gain\"",
         [](json& m) { m["monotone"]["drive"]["gain"] = "rising"; });
  refuse("\"monotone\" with several continuous knobs", [](json& m) { m["interpolation"] = "monotone"; });
  refuse("none.wav", [](json& m) { m["takes"][1]["wet"] = "none.wav"; });
  refuse("takes[2].wet: missing", [](json& m) { m["takes"][2].erase("wet"); });

  data::Audio slow = folder.dry;
  slow.sample_rate = 44100;
  data::write_audio(folder / "slow.wav", slow);
  refuse("takes[3]: " + (folder / "slow.wav").string() + " has 44100 Hz",
         [](json& m) { m["takes"][3]["dry"] = "slow.wav"; });
  dsp::write_file(folder / "cut.wav", "RIFF");
  refuse("takes[3]: ", [](json& m) { m["takes"][3]["dry"] = "cut.wav"; });
}

TEST_CASE("The takes of a capture are taken from its report", "[session]") {
  SessionFolder folder;
  for (const double drive : {10.0, 0.0}) folder.add(drive, 0, false);
  json one_knob = folder.manifest;
  one_knob["knobs"].erase(1);
  one_knob["knobs"].erase(1);
  const json report{{"schema", "raphson.capture.split/1"},
                    {"takes",
                     {{{"number", 1}, {"dry", "../dry.wav"}, {"wet", "../wet0.wav"}},
                      {{"number", 2}, {"dry", "../dry.wav"}, {"wet", "../wet1.wav"}}}}};
  std::filesystem::create_directory(folder / "captured");
  dsp::write_file(folder / "captured/report.json", report.dump());
  one_knob["takes"] =
      json::array({{{"capture", "captured/report.json"}, {"take", 1}, {"knobs", {{"drive", 10}}}},
                   {{"capture", "captured/report.json"}, {"take", 2}, {"knobs", {{"drive", 0}}}}});
  const Session session = folder.read(one_knob);
  CHECK(std::filesystem::equivalent(session.takes[1].wet, folder / "wet1.wav"));
  CHECK(session.interpolation == dsp::Interpolation::monotone);
  one_knob["takes"][1]["take"] = 3;
  CHECK_THAT(folder.refusal(one_knob),
             Contains("takes[1].take: ") && Contains("has no take 3, only 2; was it cut short?"));
  one_knob["takes"][1].erase("take");
  CHECK_THAT(folder.refusal(one_knob), Contains("takes[1].capture: ") && Contains("has 2 takes: say which"));
}

TEST_CASE("A take that does not fit the others is told by name", "[session]") {
  const Session s = drive_session({0, 2, 5, 10});
  std::vector<SettingFit> fits = fits_of({-1, -2, -3, -4}, {1, 1, 1, 1});
  for (SettingFit& f : fits)
    f.source.esr = 0.004, f.source.delay_samples = 3.2, f.source.polarity_inverted = true;
  CHECK(odd_settings(s, fits).empty());
  CHECK(unrecorded_ends(s).empty());
  CHECK(unrecorded_ends(drive_session({2, 10})).front()
        == "Drive was recorded from 2 to 10, of 0 to 10: beyond, the model holds its ends");
  fits[1].source.polarity_inverted = false;
  fits[2].source.delay_samples = 40;
  fits[3].source.esr = 0.3;
  const std::vector<std::string> odd = odd_settings(s, fits);
  REQUIRE(odd.size() == 3);
  CHECK_THAT(odd[0], Contains("takes[1] (Drive 2): its polarity"));
  CHECK_THAT(odd[1], Contains("takes[2] (Drive 5): wet is 40 samples behind"));
  CHECK_THAT(odd[2], Contains("takes[3] (Drive 10): its ESR of 0.3 is far above"));
}
