// Draws the pictures of docs/: raphson_test_plugin_editor "[.pictures]"; times by "[.opening]". Hidden, since
// it writes into the source tree.
#include "tests/catch.h"
#include "tests/plugin/editor/window.h"

#include <chrono>
#include <cstdio>
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

/// A unit whose knobs were recorded at few and uneven positions.
dsp::Model unit_of_a_session() {
  dsp::Model model{"Valve leveller", dsp::parse_chain("compressor"), {}, {}, {}, {}};
  model.knobs = {{"Input", "input", "dB", -20, 20, {}, 0},
                 {"Recovery", "recovery", "s", 0.06, 1.33, {}, 0.4},
                 {"Mode", "mode", "", 0, 1, {"Slow", "Fast"}, 1}};
  for (const double input : {-20.0, -5.0, 4.5, 20.0})
    for (const double recovery : {0.06, 0.22, 0.4, 1.33})
      for (const double mode : {0.0, 1.0}) {
        std::vector<double> values = model.chain.values();
        values[0] = -20 - input / 2;
        values[2] = mode > 0 ? 2 : 15;
        values[3] = 1000 * recovery;
        model.table.push_back({{input, recovery, mode}, std::move(values)});
      }
  return model;
}

void wait_until(const std::function<bool()>& done) {
  for (int i = 0; i < 1200 && !done(); ++i) std::this_thread::sleep_for(std::chrono::milliseconds(50));
  REQUIRE(done());
}

} // namespace

TEST_CASE("How long the window takes to open", "[.opening]") {
  test::Plugin plugin;
  for (int i = 0; i < 3; ++i) { // the first also loads the fonts
    const auto start = std::chrono::steady_clock::now();
    plugin::MainWindow window(plugin.processor);
    const auto built = std::chrono::steady_clock::now();
    window.createComponentSnapshot(window.getLocalBounds(), true, 1);
    const auto painted = std::chrono::steady_clock::now();
    const auto ms = [](auto d) { return std::chrono::duration<double, std::milli>(d).count(); };
    std::printf("%.1f ms to build, %.1f ms to paint\n", ms(built - start), ms(painted - built));
  }
}

TEST_CASE("How much a picture of the display costs", "[.opening]") {
  Window window;
  window.play(2);
  const auto start = std::chrono::steady_clock::now();
  constexpr int pictures = 60;
  for (int i = 0; i < pictures; ++i) window.picture(); // all of the window, which no repaint ever is
  const std::chrono::duration<double, std::milli> took = std::chrono::steady_clock::now() - start;
  std::printf("%.2f ms for all of the window\n", took.count() / pictures);
}

TEST_CASE("The pictures of the window in docs/", "[.pictures]") {
  for (const auto& [scale, suffix] : {std::pair{1.0, "100"}, {2.0, "200"}}) {
    Window window(scale);
    window.settle();
    write_png(window, std::string("silent-") + suffix);
    window.play(6.2);
    write_png(window, std::string("front-") + suffix);
    window.move_by_hand("ratio", 8);
    window.move_by_hand("attack_ms", 2);
    window.content().show(View::expert);
    window.play(6.2);
    write_png(window, std::string("expert-") + suffix);
    if (scale > 1) continue;
    window.processor.adopt_model({"CL 1B clone", dsp::parse_chain("compressor+eq"), {}, {}, {}, {}});
    window.settle();
    window.play(6.2);
    write_png(window, std::string("expert-eq-") + suffix);
    window.processor.adopt_model(
        {"Clone by auto", dsp::parse_chain("dynamics[power,feedback,knee,memory]"), {}, {}, {}, {}});
    window.settle();
    window.play(6.2);
    write_png(window, std::string("expert-dynamics-") + suffix);
    window.processor.adopt_model(unit_of_a_session());
    window.content().show(View::front);
    window.settle();
    window.play(6.2);
    write_png(window, std::string("unit-") + suffix);
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
  wait_until([&] {
    learn.refresh();
    return window.processor.learn().state() == plugin::LearnJob::State::done;
  });
  learn.refresh();
  wait_until([&] { return learn.are_recordings_drawn(); });
  write_png(window, "learn-100");
  window.set_scale(2);
  write_png(window, "learn-200");
}
