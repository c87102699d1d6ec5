// Expert values follow the knobs until they are moved by hand.
#include "catch.h"
#include "dsp/model/knob_map.h"
#include "plugin/plugin_fixture.h"

using raphson::dsp::chain_values;
using raphson::test::Plugin;

TEST_CASE("Expert values follow the knobs as the model's table says", "[plugin]") {
  Plugin plugin;
  const auto& model = plugin.processor.model();
  for (const double reduction : {40.0, 55.0, 70.0, 83.0, 100.0})
    for (const double mode : {0.0, 1.0}) {
      plugin.automate("knob1", (reduction - 40) / 60);
      plugin.automate("knob2", mode);
      const auto expected = chain_values(model, {reduction, mode});
      CHECK(plugin.effective("threshold_db") == Approx(expected[0]).epsilon(1e-5));
      CHECK(plugin.value("threshold_db") == Approx(expected[0]).epsilon(1e-5));
      CHECK(plugin.value("ratio") == Approx(expected[1]).epsilon(1e-5));
      CHECK_FALSE(plugin.processor.is_overridden("ratio"));
    }
}

TEST_CASE("A value moved by automation or by hand is kept when knobs move, until it is reset", "[plugin]") {
  Plugin plugin;
  const bool by_hand = GENERATE(false, true);
  if (by_hand)
    plugin.move_by_hand("ratio", 8);
  else
    plugin.automate("ratio", 8);
  CHECK(plugin.processor.is_overridden("ratio"));
  CHECK_FALSE(plugin.processor.is_overridden("threshold_db"));
  plugin.automate("knob1", 1);
  CHECK(plugin.effective("ratio") == Approx(8));
  const auto expected = chain_values(plugin.processor.model(), {100, 0});
  CHECK(plugin.effective("threshold_db") == Approx(expected[0]));
  plugin.processor.reset_override("ratio");
  CHECK_FALSE(plugin.processor.is_overridden("ratio"));
  CHECK(plugin.effective("ratio") == Approx(expected[1]));
  CHECK(plugin.value("ratio") == Approx(expected[1]));
}

TEST_CASE("A host that sends back what it was told overrides nothing, however late and rounded", "[plugin]") {
  Plugin plugin;
  auto& threshold = plugin.parameter("threshold_db");
  std::vector<float> told;
  for (int step = 1; step <= 30; ++step) {
    plugin.automate("knob1", step / 30.0);
    told.push_back(threshold.getValue());
  }
  for (const float value : told) {
    threshold.setValueNotifyingHost(value);
    threshold.setValueNotifyingHost(std::round(value * 1e6f) / 1e6f);
    CHECK_FALSE(plugin.processor.is_overridden("threshold_db"));
    CHECK(threshold.getValue() == told.back());
  }
  threshold.setValueNotifyingHost(told.back() + 0.001f);
  CHECK(plugin.processor.is_overridden("threshold_db"));
}

TEST_CASE("The echo of a move that was reset since does not bring it back", "[plugin]") {
  Plugin plugin;
  plugin.move_by_hand("ratio", 8);
  const float moved = plugin.parameter("ratio").getValue();
  plugin.processor.reset_overrides();
  plugin.parameter("ratio").setValueNotifyingHost(moved);
  CHECK_FALSE(plugin.processor.is_overridden("ratio"));
}

TEST_CASE("Automation that holds a parameter's default is no echo", "[plugin]") {
  Plugin plugin;
  auto& ratio = plugin.parameter("ratio");
  REQUIRE(ratio.getValue() != ratio.getDefaultValue());
  ratio.setValueNotifyingHost(ratio.getDefaultValue());
  CHECK(plugin.processor.is_overridden("ratio"));
}

TEST_CASE("By hand even the value that the knobs gave is kept", "[plugin]") {
  Plugin plugin;
  plugin.move_by_hand("ratio", plugin.value("ratio"));
  CHECK(plugin.processor.is_overridden("ratio"));
}

TEST_CASE("Values that the model lacks, and numbers that are none, move nothing", "[plugin]") {
  Plugin plugin;
  plugin.automate("eq_gain_db", 12);
  CHECK_FALSE(plugin.processor.is_overridden("eq_gain_db"));
  const double before = plugin.value("ratio");
  plugin.parameter("ratio").setValueNotifyingHost(std::numeric_limits<float>::quiet_NaN());
  plugin.parameter("knob1").setValueNotifyingHost(std::numeric_limits<float>::infinity());
  plugin.processor.update();
  CHECK(plugin.value("ratio") == before);
  CHECK_FALSE(plugin.processor.is_overridden("ratio"));
}

TEST_CASE("Another model starts with nothing overridden", "[plugin]") {
  Plugin plugin;
  plugin.automate("ratio", 8);
  raphson::dsp::Model other{"Other", raphson::dsp::parse_chain("compressor+eq"), {}, {}, {}, {}};
  plugin.processor.adopt_model(other);
  CHECK_FALSE(plugin.processor.is_overridden("ratio"));
  CHECK(plugin.value("ratio") == Approx(4)); // the parameter's initial value
  plugin.automate("eq_gain_db", 12);
  CHECK(plugin.effective("eq.gain_db") == Approx(12));
}
