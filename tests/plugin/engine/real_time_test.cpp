// What runs on the audio thread allocates nothing.
#include "catch.h"
#include "dsp/allocation_count.h"
#include "plugin/engine/engine_switch.h"
#include "plugin/engine/rig.h"

using namespace raphson;
using namespace raphson::test;
using plugin::Controls;

TEST_CASE("Engine: nothing is allocated while values move and latencies change", "[engine]") {
  const auto chain =
      model(GENERATE("eq+compressor", "eq+dynamics[feedback,gain-db,memory,knee]+saturation+eq",
                     "saturation+dynamics[level,rms,hold,sidechain,smoothing]+eq"),
            {{"threshold_db", -30}});
  CAPTURE(to_string(chain));
  plugin::Engine engine(chain);
  engine.prepare(48000, 2);
  Channels audio{bursts(48000, 48000), bursts(48000, 48000, 0.05)}, key = audio;
  auto values = chain.values();
  const std::size_t eq_gain = chain.index("eq.gain_db"), threshold = chain.index("threshold_db");
  const std::size_t switched[] = {chain.index("knee_db"), chain.index("rms_ms")};
  const std::size_t before = allocation_count();
  for (int from = 0, k = 0; from + 480 <= 48000; from += 480, ++k) {
    Controls c{.input_gain_db = k % 7 - 3.0, .mix = k % 3 * 0.5, .stereo_link = k % 2 * 1.0};
    c.sidechain_highpass_hz = k % 4 * 100;
    c.oversampling = k % 30 < 10 ? 1 : k % 30 < 20 ? 2 : 4;
    c.look_ahead_ms = k % 20;
    c.external_sidechain = k % 8 < 4;
    c.bypass = k % 9 == 0;
    c.delta = k % 11 == 0;
    values[threshold] = -40 + k % 20;
    values[eq_gain] = k % 5;
    for (const std::size_t i : switched) values[i] = k % 13;
    engine.set(c, values);
    double* const block[] = {audio[0].data() + from, audio[1].data() + from};
    const double* const side[] = {key[0].data() + from};
    engine.process(block, 2, 480, side, 1);
    plugin::MeterFrame frame;
    while (k % 3 == 0 && engine.meters().pop(frame)) {
    }
    if (k == 50) engine.reset();
  }
  CHECK(allocation_count() == before);
}

TEST_CASE("EngineSwitch: nothing is allocated or freed on the audio thread while engines change",
          "[engine]") {
  plugin::EngineSwitch player;
  player.prepare(48000, 2);
  Channels audio{bursts(48000, 480), bursts(48000, 480, 0.05)};
  double* const block[] = {audio[0].data(), audio[1].data()};
  std::size_t on_audio_thread = 0;
  for (int k = 0; k < 100; ++k) {
    if (k % 10 == 0) player.submit(std::make_unique<plugin::SwitchedEngine>(busy_compressor()));
    const std::size_t before = allocation_count();
    player.process(block, 2, 480);
    on_audio_thread += allocation_count() - before;
  }
  CHECK(on_audio_thread == 0);
}
