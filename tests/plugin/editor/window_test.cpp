// What the window shows follows what the processor does.
#include "tests/catch.h"
#include "tests/plugin/editor/window.h"

#include <cmath>

using namespace raphson;
using test::Window;
using View = plugin::WindowContent::View;

TEST_CASE("The needle shows the gain reduction that the audio has had") {
  plugin::NeedleMeter meter;
  plugin::MeterFrame frame;
  frame.gain_reduction_db = 6;
  for (int i = 0; i < 100; ++i) meter.add(frame), meter.refresh(0.01);
  CHECK(meter.shown_db() == Approx(6).margin(1e-3));
  for (int i = 0; i < 10; ++i) meter.refresh(0.01); // between two frames of long blocks it stays
  CHECK(meter.shown_db() == Approx(6).margin(1e-3));
  for (int i = 0; i < 100; ++i) meter.refresh(0.01); // no audio: back to rest
  CHECK(meter.shown_db() == Approx(0).margin(1e-3));
}

TEST_CASE("Without knobs the expert panel is the main view, with knobs the front is") {
  Window window;
  CHECK(window.content().view() == View::front);
  window.processor.adopt_model({"Plain", dsp::parse_chain("compressor"), {}, {}, {}, {}});
  window.settle();
  CHECK(window.content().view() == View::expert);
  window.processor.undo();
  window.settle();
  CHECK(window.content().view() == View::front);
}

TEST_CASE("A bad model file is a line in the window, in the command line's words") {
  Window window;
  const auto file = window.scratch / "bad.raphson.json";
  test::write(file, "{");
  const std::string name = window.processor.model().name;
  window.editor->filesDropped({file.string()}, 0, 0);
  CHECK(window.content().messages().isVisible());
  CHECK(window.content().messages().text().toStdString().find("bad.raphson.json") != std::string::npos);
  CHECK(window.processor.model().name == name);
  window.content().keyPressed(juce::KeyPress(juce::KeyPress::escapeKey));
  CHECK_FALSE(window.content().messages().isVisible());
}

TEST_CASE("Recordings dropped on the window open the Learn view; others are refused") {
  Window window;
  const std::string folder = std::string(RAPHSON_SOURCE_DIR) + "/assets/recordings/";
  CHECK(window.editor->isInterestedInFileDrag({folder + "la2a-dry.flac"}));
  CHECK_FALSE(window.editor->isInterestedInFileDrag({"/x/letter.pdf"}));
  window.editor->filesDropped({folder + "la2a-wet.flac", folder + "la2a-dry.flac"}, 0, 0);
  CHECK(window.content().view() == View::learn);
  CHECK_FALSE(window.content().messages().isVisible());
  window.content().learn_view().drop({"/x/letter.pdf"}, {});
  CHECK(window.content().messages().text().contains("letter.pdf"));
}

TEST_CASE("The window keeps its shape between 75 and 200 %, and its size with the session") {
  Window window;
  juce::Rectangle<int> bounds(0, 0, 5000, 500);
  window.editor->getConstrainer()->checkBounds(bounds, {0, 0, 960, 656}, {0, 0, 9000, 9000}, false, false,
                                               true, true);
  CHECK(bounds.getWidth() <= 1920);
  CHECK(double(bounds.getWidth()) / bounds.getHeight() == Approx(960.0 / 656).epsilon(0.01));
  window.set_scale(1.5);
  window.editor.reset();
  window.editor = std::make_unique<plugin::MainWindow>(window.processor);
  CHECK(window.editor->getWidth() == 1440);
  CHECK(window.editor->getHeight() == 984);
}
