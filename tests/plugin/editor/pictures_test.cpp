// Draws the pictures of docs/: raphson_test_plugin_editor "[pictures]". Hidden, since it writes into the
// source tree.
#include "tests/catch.h"
#include "tests/plugin/editor/window.h"

#include <chrono>
#include <thread>

using namespace raphson;
using test::Window;
using View = plugin::WindowContent::View;

namespace {

void write_png(Window& window, const std::string& name) {
  const juce::File file(std::string(RAPHSON_SOURCE_DIR) + "/docs/pictures/plugin-" + name + ".png");
  file.deleteFile();
  juce::FileOutputStream stream(file);
  REQUIRE(juce::PNGImageFormat().writeImageToStream(window.picture(), stream));
}

void wait_until(const std::function<bool()>& done) {
  for (int i = 0; i < 1200 && !done(); ++i) std::this_thread::sleep_for(std::chrono::milliseconds(50));
  REQUIRE(done());
}

} // namespace

TEST_CASE("The pictures of the window in docs/", "[.pictures]") {
  for (const auto& [scale, suffix] : {std::pair{1.0, "100"}, {2.0, "200"}}) {
    Window window(scale);
    window.settle();
    write_png(window, std::string("silent-") + suffix);
    window.play(3.3);
    write_png(window, std::string("front-") + suffix);
    window.move_by_hand("ratio", 8);
    window.move_by_hand("attack_ms", 2);
    window.content().show(View::expert);
    window.play(3.3);
    write_png(window, std::string("expert-") + suffix);
    window.processor.adopt_model({"CL 1B clone", dsp::parse_chain("compressor+eq"), {}, {}, {}, {}});
    window.settle();
    window.play(3.3);
    write_png(window, std::string("expert-eq-") + suffix);
    window.content().messages().show_error("/recordings/la2a-dry.flac: not an audio file");
    write_png(window, std::string("error-") + suffix);
  }
}

TEST_CASE("The pictures of the Learn view in docs/", "[.pictures]") {
  Window window;
  auto& learn = window.content().learn_view();
  window.content().show(View::learn);
  window.settle();
  write_png(window, "learn-empty-100");
  const std::string folder = std::string(RAPHSON_SOURCE_DIR) + "/assets/recordings/";
  learn.drop({folder + "la2a-dry.flac", folder + "la2a-wet.flac"}, {});
  learn.start();
  bool drawn = false;
  wait_until([&] {
    learn.refresh();
    if (!drawn && window.processor.learn().progress().esr_trace.size() > 4)
      write_png(window, "learn-running-100"), drawn = true;
    return window.processor.learn().state() == plugin::LearnJob::State::done;
  });
  learn.refresh();
  wait_until([&] { return learn.are_recordings_drawn(); });
  write_png(window, "learn-100");
  window.set_scale(2);
  write_png(window, "learn-200");
}
