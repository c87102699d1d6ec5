#include "plugin/editor/knob.h"
#include "tests/catch.h"
#include "tests/plugin/editor/window.h"

using namespace raphson;
using juce::KeyPress;
using test::Window;

namespace {

juce::Slider& find_slider(Window& window, const char* id) {
  juce::Slider* found = nullptr;
  test::each_visible(window.content(), [&](juce::Component& c) {
    if (c.getComponentID() == id)
      if (auto* slider = dynamic_cast<juce::Slider*>(&c)) found = slider;
  });
  REQUIRE(found != nullptr);
  return *found;
}

} // namespace

TEST_CASE("The keyboard moves a knob and resets it") {
  Window window;
  juce::Slider& mix = find_slider(window, "mix");
  mix.keyPressed(KeyPress(KeyPress::homeKey));
  CHECK(window.value("mix") == 0);
  mix.keyPressed(KeyPress(KeyPress::upKey));
  CHECK(window.value("mix") == Approx(1));
  mix.keyPressed(KeyPress(KeyPress::pageUpKey));
  CHECK(window.value("mix") == Approx(11));
  mix.keyPressed(KeyPress(KeyPress::leftKey));
  CHECK(window.value("mix") == Approx(10));
  mix.keyPressed(KeyPress(KeyPress::deleteKey));
  CHECK(window.value("mix") == Approx(100));
}

TEST_CASE("Moving an expert knob overrides it and marks it; resetting lets it follow again") {
  Window window;
  window.content().show(plugin::WindowContent::View::expert);
  window.settle();
  const double followed = window.effective("ratio");
  juce::Slider& ratio = find_slider(window, "ratio");
  auto& knob = dynamic_cast<plugin::Knob&>(*ratio.getParentComponent());
  CHECK_FALSE(knob.is_marked());
  ratio.keyPressed(KeyPress(KeyPress::endKey));
  window.settle();
  CHECK(knob.is_marked());
  CHECK(window.processor.is_overridden("ratio"));
  CHECK(window.effective("ratio") == Approx(100));
  ratio.keyPressed(KeyPress(KeyPress::backspaceKey));
  window.settle();
  CHECK_FALSE(knob.is_marked());
  CHECK(window.effective("ratio") == Approx(followed));
}

TEST_CASE("A screen reader hears a knob's name and its value with its unit") {
  Window window;
  juce::Slider& gain = find_slider(window, "input_gain_db");
  CHECK(gain.getTitle() == "Input gain");
  window.automate("input_gain_db", -3);
  CHECK(gain.getTextFromValue(gain.getValue()) == "-3.0 dB");
}

TEST_CASE("A scale has round numbers from end to end") {
  using plugin::scale_numbers;
  CHECK(scale_numbers(0, 100) == std::vector<double>{0, 10, 20, 30, 40, 50, 60, 70, 80, 90, 100});
  CHECK(scale_numbers(40, 100) == std::vector<double>{40, 50, 60, 70, 80, 90, 100});
  CHECK(scale_numbers(-24, 24) == std::vector<double>{-24, -18, -12, -6, 0, 6, 12, 18, 24});
  CHECK(scale_numbers(0.123, 77.7).empty());
}

TEST_CASE("a knob's scale has the measured positions beside its round numbers, or in their place") {
  const auto of = [](double minimum, double maximum, std::vector<double> measured) {
    std::string text;
    for (const auto& tick : plugin::scale_ticks(minimum, maximum, std::move(measured)))
      text += juce::String(tick.way, 3).toStdString() + ":" + tick.label.toStdString() + " ";
    return text;
  };
  CHECK(of(0, 20, {})
        == "0.000:0 0.100:2 0.200:4 0.300:6 0.400:8 0.500:10 0.600:12 0.700:14 0.800:16 "
           "0.900:18 1.000:20 ");
  CHECK(of(0, 30, {15, 0, 15, 20}).ends_with("1.000:30 0.667: ")); // all but 20 have numbers
  CHECK(of(0.13, 2.53, {2.53, 0.13, 0.73, 0.75}) == "0.000:0.13 0.250:0.73 0.258: 1.000:2.53 ");
  CHECK(of(0.13, 2.53, {0.13, 2.5, 2.53}) == "0.000:0.13 0.988: 1.000:2.53 ");
}
