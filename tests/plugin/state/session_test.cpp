// What the host keeps: it comes back whole, or is refused with the reason and nothing changes.
#include "catch.h"
#include "plugin/plugin_fixture.h"

#include <nlohmann/json.hpp>

#include <random>

using nlohmann::json;
using raphson::test::Plugin;
using raphson::test::text_of;

namespace {

const std::string folder = RAPHSON_SOURCE_DIR "/tests/plugin/state/";

std::vector<float> all_values(Plugin& plugin) {
  std::vector<float> values;
  for (auto* parameter : plugin.processor.getParameters()) values.push_back(parameter->getValue());
  return values;
}

/// Changes every parameter that changes anything.
void scramble(Plugin& plugin, unsigned seed) {
  std::mt19937 random(seed);
  std::uniform_real_distribution<float> position(0, 1);
  for (const char* id : {"input_gain_db", "output_gain_db", "mix", "stereo_link", "external_sidechain",
                         "sidechain_highpass_hz", "look_ahead_ms", "oversampling", "auto_makeup", "bypass",
                         "delta", "knob1", "knob2", "ratio", "attack_ms", "model_look_ahead_ms"}) {
    auto& parameter = plugin.parameter(id);
    const float value = position(random);
    parameter.setValueNotifyingHost(parameter.isDiscrete() || parameter.isBoolean() ? std::round(value)
                                                                                    : value);
  }
  plugin.processor.update();
}

} // namespace

TEST_CASE("A session comes back to the bit", "[plugin]") {
  const auto seed = GENERATE(1u, 2u, 3u, 4u, 5u);
  Plugin saved, loaded;
  scramble(saved, seed);
  saved.processor.copy_slot();
  saved.processor.select_slot(1);
  scramble(saved, seed + 100);
  saved.processor.set_window_size(1234, 567);
  const std::string state = saved.state();
  loaded.set_state(state);
  CHECK(loaded.processor.state_error() == "");
  CHECK(all_values(loaded) == all_values(saved));
  for (const char* id : {"ratio", "attack_ms", "threshold_db"})
    CHECK(loaded.processor.is_overridden(id) == saved.processor.is_overridden(id));
  CHECK(loaded.processor.slot() == 1);
  CHECK(loaded.processor.window_size() == juce::Point<int>(1234, 567));
  CHECK(loaded.state() == state);
  saved.processor.select_slot(0);
  loaded.processor.select_slot(0);
  CHECK(all_values(loaded) == all_values(saved));
}

TEST_CASE("A session holds the model itself", "[plugin]") {
  Plugin saved, loaded;
  raphson::dsp::Model model{"Mine", raphson::dsp::parse_chain("eq+compressor"), {}, {}, {}, {}};
  model.chain.blocks[1].values[0] = -33.123456789012345;
  saved.processor.adopt_model(model);
  loaded.set_state(saved.state());
  CHECK(loaded.processor.model().name == "Mine");
  CHECK(loaded.effective("threshold_db") == -33.123456789012345);
}

TEST_CASE("A session holds the network of a model to the bit", "[plugin]") {
  Plugin saved, loaded;
  raphson::dsp::Model model{"Mine", raphson::dsp::parse_chain("compressor"), {}, {}, {}, {}};
  raphson::dsp::GruWeights weights{2, 44100, std::vector<float>(raphson::dsp::GruWeights::count(2))};
  for (std::size_t i = 0; i < weights.values.size(); ++i)
    weights.values[i] = std::sin(static_cast<float>(i)) / 3;
  model.chain.blocks.push_back({raphson::dsp::BlockType::gru_makeup, {}, {}, weights});
  saved.processor.adopt_model(model);
  loaded.set_state(saved.state());
  CHECK(loaded.processor.state_error() == "");
  const auto* network = raphson::dsp::correction(loaded.processor.model().chain);
  REQUIRE(network != nullptr);
  CHECK(network->values == weights.values);
  CHECK(network->sample_rate == 44100);
}

TEST_CASE("A session is small: both slots share their model", "[plugin]") {
  Plugin plugin;
  scramble(plugin, 7);
  CHECK(plugin.state().size() < 16384);
  raphson::dsp::Model other{"Other", raphson::dsp::parse_chain("compressor+eq"), {}, {}, {}, {}};
  plugin.processor.select_slot(1);
  plugin.processor.adopt_model(other);
  CHECK(plugin.state().size() < 65536);
}

TEST_CASE("The host that sends all it saved, one by one, after the session, changes nothing", "[plugin]") {
  Plugin saved, loaded;
  scramble(saved, 11);
  const std::string state = saved.state();
  loaded.set_state(state);
  for (int i = 0; i < saved.processor.getParameters().size(); ++i)
    loaded.processor.getParameters()[i]->setValueNotifyingHost(
        saved.processor.getParameters()[i]->getValue());
  loaded.processor.setCurrentProgram(saved.processor.getCurrentProgram());
  loaded.processor.update();
  CHECK(loaded.state() == state);
}

TEST_CASE("A session of version 1 is read: its one sound into both slots", "[plugin]") {
  Plugin plugin;
  plugin.set_state(text_of(folder + "session-version-1.json"));
  CHECK(plugin.processor.state_error() == "");
  CHECK(plugin.processor.model().name == "Old unit");
  CHECK(plugin.value("input_gain_db") == 3);
  CHECK(plugin.value("mix") == 100); // not in it
  CHECK(plugin.processor.is_overridden("ratio"));
  CHECK(plugin.effective("ratio") == 6);
  CHECK(plugin.effective("threshold_db") == -20);
  plugin.processor.select_slot(1);
  CHECK(plugin.effective("ratio") == 6);
  CHECK(json::parse(plugin.state())["version"] == 2);
}

TEST_CASE("What is no session of ours is refused with the reason, and the sound stays", "[plugin]") {
  Plugin plugin;
  scramble(plugin, 3);
  const std::string good = plugin.state();
  const auto changed = [&](const auto& change) {
    json state = json::parse(good);
    change(state);
    return state.dump();
  };
  struct Bad {
    std::string state, reason;
  };
  const std::vector<Bad> all_bad{
      {"", "empty"},
      {std::string(1000, '\0'), "the session"},
      {"VC2!\x10some other plugin's state", "the session"},
      {"[]", "object"},
      {"{}", "format: missing"},
      {good.substr(0, good.size() / 2), "the session"},
      {changed([](json& s) { s["version"] = 3; }),
       "version: 3 is newer than this plugin, which reads up to 2"},
      {changed([](json& s) { s["version"] = 1.5; }), "version: 1.5 is unknown"},
      {changed([](json& s) { s["format"] = "raphson-model"; }), "format: \"raphson-model\" must be"},
      {changed([](json& s) { s.erase("models"); }), "models: missing"},
      {changed([](json& s) { s["slots"].erase(1); }), "two slots"},
      {changed([](json& s) { s["slots"][0]["model"] = 1; }), "slots[0].model: 1 is outside 0 to 0"},
      {changed([](json& s) { s["slots"][0]["controls"]["mix"] = 101; }),
       "controls.mix: 101 is outside 0 to 100 %"},
      {changed([](json& s) { s["slots"][0]["controls"]["mix"] = nullptr; }), "controls.mix"},
      {changed([](json& s) { s["slots"][0]["controls"]["oversampling"] = 3; }), "must be 1, 2 or 4"},
      {changed([](json& s) { s["slots"][1]["knobs"]["mode"] = "Off"; }), "unknown position \"Off\""},
      {changed([](json& s) { s["slots"][1]["overrides"]["eq_gain_db"] = 1; }),
       "unknown parameter \"eq_gain_db\""},
      {changed([](json& s) { s["models"][0]["chain"][0]["parameters"]["ratio"] = 0.5; }),
       "ratio: 0.5 is outside"},
      {changed([](json& s) { s["models"][0]["table"].push_back(s["models"][0]["table"][3]); }), "models[0]"},
  };
  for (const Bad& bad : all_bad) {
    plugin.set_state(bad.state);
    INFO(bad.state.substr(0, 80));
    CHECK_THAT(plugin.processor.state_error(), Catch::Contains(bad.reason));
    CHECK(plugin.processor.state_error().find('\n') == std::string::npos);
    CHECK(plugin.state() == good);
  }
  plugin.set_state(good);
  CHECK(plugin.processor.state_error() == "");
}

TEST_CASE("A session with any byte damaged is refused or read, never half of it", "[plugin]") {
  Plugin plugin;
  scramble(plugin, 5);
  const std::string good = plugin.state();
  std::mt19937 random(1);
  for (int i = 0; i < 300; ++i) {
    std::string bad = good;
    bad[random() % bad.size()] = static_cast<char>(random());
    plugin.set_state(bad);
    if (!plugin.processor.state_error().empty()) {
      CHECK(plugin.state() == good);
    }
    plugin.set_state(good);
    REQUIRE(plugin.state() == good);
  }
}
