// What hosts keep in their projects: IDs and order, ranges, text both ways.
#include "catch.h"
#include "plugin/plugin_fixture.h"

using raphson::test::Plugin;

TEST_CASE("IDs and their order are those that projects have saved", "[plugin]") {
  const std::vector<std::string> saved{"input_gain_db",
                                       "output_gain_db",
                                       "mix",
                                       "stereo_link",
                                       "external_sidechain",
                                       "sidechain_highpass_hz",
                                       "look_ahead_ms",
                                       "oversampling",
                                       "auto_makeup",
                                       "bypass",
                                       "delta",
                                       "knob1",
                                       "knob2",
                                       "knob3",
                                       "knob4",
                                       "knob5",
                                       "knob6",
                                       "knob7",
                                       "knob8",
                                       "threshold_db",
                                       "ratio",
                                       "attack_ms",
                                       "release_ms",
                                       "makeup_db",
                                       "knee_db",
                                       "rms_ms",
                                       "model_look_ahead_ms",
                                       "eq_low_shelf_hz",
                                       "eq_low_shelf_db",
                                       "eq_peak1_hz",
                                       "eq_peak1_db",
                                       "eq_peak1_q",
                                       "eq_peak2_hz",
                                       "eq_peak2_db",
                                       "eq_peak2_q",
                                       "eq_high_shelf_hz",
                                       "eq_high_shelf_db",
                                       "eq_gain_db",
                                       "hold_ms",
                                       "memory",
                                       "memory_charge_ms",
                                       "memory_release_ms",
                                       "smoothing_ms",
                                       "sidechain_hz",
                                       "sidechain_low_db",
                                       "saturation_drive_db",
                                       "saturation_bias",
                                       "eq2_low_shelf_hz",
                                       "eq2_low_shelf_db",
                                       "eq2_peak1_hz",
                                       "eq2_peak1_db",
                                       "eq2_peak1_q",
                                       "eq2_peak2_hz",
                                       "eq2_peak2_db",
                                       "eq2_peak2_q",
                                       "eq2_high_shelf_hz",
                                       "eq2_high_shelf_db",
                                       "eq2_gain_db",
                                       "rational_direct",
                                       "rational_section1_hz",
                                       "rational_section1_q",
                                       "rational_section1_band",
                                       "rational_section1_low",
                                       "rational_section2_hz",
                                       "rational_section2_q",
                                       "rational_section2_band",
                                       "rational_section2_low",
                                       "rational_section3_hz",
                                       "rational_section3_q",
                                       "rational_section3_band",
                                       "rational_section3_low",
                                       "rational_section4_hz",
                                       "rational_section4_q",
                                       "rational_section4_band",
                                       "rational_section4_low"};
  Plugin plugin;
  std::vector<std::string> now;
  for (auto* parameter : plugin.processor.getParameters())
    now.push_back(dynamic_cast<juce::AudioProcessorParameterWithID&>(*parameter).paramID.toStdString());
  CHECK(now == saved);
}

TEST_CASE("Expert values of a dynamics model with saturation and two equalisers reach their own blocks",
          "[plugin]") {
  Plugin plugin;
  raphson::dsp::Model model{
      "General", raphson::dsp::parse_chain("eq+dynamics[gain-db,memory,hold]+saturation+eq"), {}, {}, {}, {}};
  plugin.processor.adopt_model(model);
  const auto& chain = plugin.processor.model().chain;
  const std::pair<const char*, const char*> values[] = {{"threshold_db", "threshold_db"},
                                                        {"knee_db", "knee_db"},
                                                        {"makeup_db", "makeup_db"},
                                                        {"hold_ms", "hold_ms"},
                                                        {"memory", "memory"},
                                                        {"model_look_ahead_ms", "look_ahead_ms"},
                                                        {"eq_peak1_db", "eq.peak1_db"},
                                                        {"eq2_peak1_db", "eq2.peak1_db"},
                                                        {"saturation_bias", "saturation.bias"}};
  for (const auto& [id, name] : values) {
    const std::size_t index = chain.index(name);
    const double other = chain.parameter(index).minimum * 0.25 + chain.parameter(index).maximum * 0.75;
    plugin.automate(id, other);
    CAPTURE(id);
    CHECK(plugin.processor.effective_value(index) == Approx(other).epsilon(1e-5));
  }
  const std::string state = plugin.state();
  Plugin again;
  again.processor.setStateInformation(state.data(), static_cast<int>(state.size()));
  for (std::size_t i = 0; i < chain.size(); ++i)
    CHECK(again.processor.effective_value(i) == Approx(plugin.processor.effective_value(i)).epsilon(1e-6));
}

TEST_CASE("Every parameter's text leads back to its value", "[plugin]") {
  Plugin plugin;
  for (auto* parameter : plugin.processor.getParameters())
    for (const float value : {0.0f, 0.2f, 0.5f, 0.81f, 1.0f}) {
      const auto text = parameter->getText(value, 64);
      INFO(parameter->getName(64) << " " << value << ": " << text);
      if (text == "-") continue; // a knob that the model lacks
      const float back = parameter->getValueForText(text);
      // As exactly as the text has digits.
      CHECK(parameter->getText(back, 64) == text);
      CHECK(std::abs(back - value) <= (parameter->isDiscrete() ? 0.5f : 0.011f));
    }
}

TEST_CASE("Logarithmic parameters move evenly in their logarithm", "[plugin]") {
  Plugin plugin;
  CHECK(plugin.parameter("ratio").convertFrom0to1(0.5f) == Approx(10));    // of 1 to 100
  CHECK(plugin.parameter("attack_ms").convertFrom0to1(0.5f) == Approx(5)); // of 0.05 to 500
  CHECK(plugin.parameter("threshold_db").convertFrom0to1(0.5f) == Approx(-40));
  auto& highpass = plugin.parameter("sidechain_highpass_hz");
  CHECK(highpass.convertFrom0to1(0) == 0);
  CHECK(highpass.getText(0, 16) == "off");
  CHECK(highpass.convertFrom0to1(highpass.getValueForText("off")) == 0);
  CHECK(highpass.convertFrom0to1(highpass.getValueForText("20 Hz")) == Approx(20));
  CHECK(highpass.convertFrom0to1(1) == Approx(1000));
}

TEST_CASE("Typed values set parameters, nonsense leaves them", "[plugin]") {
  Plugin plugin;
  const auto typed = [&](const char* id, const char* text) {
    auto& parameter = plugin.parameter(id);
    return static_cast<double>(parameter.convertFrom0to1(parameter.getValueForText(text)));
  };
  CHECK(typed("threshold_db", "-20") == Approx(-20));
  CHECK(typed("threshold_db", "-20 dB") == Approx(-20));
  CHECK(typed("threshold_db", "-500 dB") == Approx(-80));
  CHECK(typed("ratio", "4:1") == Approx(4));
  CHECK(typed("release_ms", "1.5 s") == Approx(1500));
  CHECK(typed("mix", "30 %") == Approx(30));
  CHECK(typed("oversampling", "4x") == 2);
  CHECK(typed("bypass", "on") == 1);
  CHECK(plugin.parameter("knob2").getValueForText("Limit") == 1);
  CHECK(plugin.parameter("knob1").getValueForText("70") == Approx(0.5));
  plugin.automate("input_gain_db", 6);
  CHECK(typed("input_gain_db", "louder") == Approx(6));
  CHECK(typed("ratio", "fast") == Approx(plugin.value("ratio")));
}

TEST_CASE("Knobs carry the loaded model's names, units and positions", "[plugin]") {
  Plugin plugin;
  CHECK(plugin.parameter("knob1").getName(64) == "Peak Reduction");
  CHECK(plugin.parameter("knob1").getName(4) == "Peak");
  CHECK(plugin.parameter("knob1").getText(0.5f, 64).startsWith("70"));
  CHECK(plugin.parameter("knob2").getName(64) == "Mode");
  CHECK(plugin.parameter("knob2").getText(1, 64) == "Limit");
  CHECK(plugin.parameter("knob2").getNumSteps() == 2);
  CHECK(plugin.parameter("knob3").getName(64) == "-");
  CHECK(plugin.parameter("knob3").getText(0.5f, 64) == "-");

  raphson::dsp::Model knobless{"Plain", raphson::dsp::parse_chain("compressor"), {}, {}, {}, {}};
  plugin.processor.adopt_model(knobless);
  CHECK(plugin.parameter("knob1").getName(64) == "-");
}

TEST_CASE("The bypass is the host's, and knobs tell it that they move others", "[plugin]") {
  Plugin plugin;
  CHECK(plugin.processor.getBypassParameter() == &plugin.parameter("bypass"));
  CHECK(plugin.parameter("knob1").isMetaParameter());
  CHECK_FALSE(plugin.parameter("threshold_db").isMetaParameter());
}
