// Model files in and out of the plugin.
#include "catch.h"
#include "dsp/error.h"
#include "dsp/model/knob_map.h"
#include "dsp/model/model_file.h"
#include "plugin/plugin_fixture.h"

#include <filesystem>

using Catch::Contains;
using raphson::dsp::chain_values;
using raphson::test::Plugin;

TEST_CASE("What sounds is saved: at the knobs, with the overrides at every position of them", "[plugin]") {
  Plugin plugin;
  const raphson::dsp::Model original = plugin.processor.model();
  plugin.automate("knob1", 0.25);
  plugin.automate("knob2", 1);
  plugin.automate("ratio", 5.5);
  const auto file = plugin.scratch / "mine.raphson.json";
  plugin.processor.save_model(file);
  const raphson::dsp::Model saved = raphson::dsp::read_model(file);
  CHECK(saved.initial_setting() == raphson::dsp::KnobSetting{55, 1});
  for (const double reduction : {40.0, 62.0, 100.0}) {
    auto expected = chain_values(original, {reduction, 1});
    expected[1] = 5.5;
    const auto values = chain_values(saved, {reduction, 1});
    for (std::size_t i = 0; i < values.size(); ++i) CHECK(values[i] == Approx(expected[i]).epsilon(1e-12));
  }
  Plugin other;
  other.processor.load_model(file);
  for (std::size_t i = 0; i < saved.chain.size(); ++i)
    CHECK(other.processor.effective_value(i) == Approx(plugin.processor.effective_value(i)).epsilon(1e-12));
  CHECK_FALSE(other.processor.is_overridden("ratio"));
}

TEST_CASE("A model keeps the controls around it", "[plugin]") {
  Plugin plugin;
  plugin.automate("mix", 40);
  plugin.processor.load_model(RAPHSON_SOURCE_DIR "/assets/models/la2a.raphson.json");
  CHECK(plugin.value("mix") == 40);
  CHECK(plugin.processor.presets().current() == -1);
}

TEST_CASE("Files that are no models are refused in one line, and nothing changes", "[plugin]") {
  Plugin plugin;
  plugin.automate("ratio", 6);
  const std::string before = plugin.state();
  const auto bad = [&](const std::string& text, const char* reason) {
    const auto file = plugin.scratch / "bad.raphson.json";
    raphson::test::write(file, text);
    CHECK_THROWS_WITH(plugin.processor.load_model(file), Contains(reason) && Contains("bad.raphson.json"));
    CHECK(plugin.state() == before);
  };
  const std::string good = raphson::test::text_of(RAPHSON_SOURCE_DIR "/assets/models/la2a.raphson.json");
  bad("", "empty");
  bad(good.substr(0, good.size() / 2), "");
  bad(R"({"format": "raphson-model", "version": 9, "name": "x"})", "version");
  bad(R"({"format": "raphson-model", "version": 1, "name": "x", "chain": [{"type": "compressor", "parameters":
      {"threshold_db": NaN}}]})",
      "");
  CHECK_THROWS_WITH(plugin.processor.load_model(plugin.scratch / "none.raphson.json"),
                    Contains("No such file"));
  CHECK_THROWS_WITH(plugin.processor.load_model(plugin.scratch.path()), Contains("folder"));

  const auto large = plugin.scratch / "large.raphson.json";
  raphson::test::write(large, "{");
  std::filesystem::resize_file(large, std::uintmax_t{2} << 30); // sparse
  CHECK_THROWS_WITH(plugin.processor.load_model(large), Contains("2048 MB"));
  CHECK(plugin.state() == before);
}

TEST_CASE("A model in memory is held to the same rules", "[plugin]") {
  Plugin plugin;
  const std::string before = plugin.state();
  raphson::dsp::Model model{"Broken", raphson::dsp::parse_chain("compressor"), {}, {}, {}, {}};
  model.chain.blocks[0].values[0] = std::numeric_limits<double>::quiet_NaN();
  CHECK_THROWS_AS(plugin.processor.adopt_model(model), raphson::InputError);
  model.chain.blocks[0].values.pop_back();
  CHECK_THROWS_AS(plugin.processor.adopt_model(model), raphson::InputError);
  CHECK(plugin.state() == before);
}
