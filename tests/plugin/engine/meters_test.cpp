#include "catch.h"
#include "plugin/engine/meters.h"
#include "plugin/engine/rig.h"

#include <thread>

using namespace raphson;
using namespace raphson::test;
using plugin::MeterFifo, plugin::MeterFrame;

TEST_CASE("Meters: frames come out in order; a full ring drops the new ones", "[engine]") {
  MeterFifo fifo;
  MeterFrame frame;
  CHECK_FALSE(fifo.pop(frame));
  int pushed = 0;
  for (; fifo.push({.gain_reduction_db = static_cast<float>(pushed)}); ++pushed) REQUIRE(pushed < 100000);
  CHECK(pushed >= 200);
  for (int i = 0; i < pushed; ++i) {
    REQUIRE(fifo.pop(frame));
    REQUIRE(frame.gain_reduction_db == static_cast<float>(i));
  }
  CHECK_FALSE(fifo.pop(frame));
}

TEST_CASE("Meters: one thread writes while another reads", "[engine]") {
  MeterFifo fifo;
  constexpr int count = 20000;
  std::thread writer([&] {
    for (int i = 0; i < count; ++i)
      while (!fifo.push({.gain_reduction_db = static_cast<float>(i), .detector_db = static_cast<float>(-i)}))
        std::this_thread::yield();
  });
  int wrong = 0;
  for (int i = 0; i < count;) {
    MeterFrame frame;
    if (!fifo.pop(frame)) {
      std::this_thread::yield();
      continue;
    }
    wrong += frame.gain_reduction_db != static_cast<float>(i) || frame.detector_db != static_cast<float>(-i);
    ++i;
  }
  writer.join();
  CHECK(wrong == 0);
}

TEST_CASE("Meters: show what goes in, what comes out and what is taken away, every 5 ms", "[engine]") {
  const auto chain =
      model("compressor",
            {{"threshold_db", -40}, {"ratio", 2}, {"attack_ms", 1}, {"release_ms", 5}, {"makeup_db", 6}});
  plugin::Engine engine(chain);
  engine.prepare(48000, 2);
  engine.set({.input_gain_db = 6}, chain.values());
  run(engine, {Signal(48000, 0.1), Signal(48000, -0.01)}, {48});
  int frames = 0;
  MeterFrame frame;
  while (engine.meters().pop(frame)) ++frames;
  CHECK(frames == Approx(200).margin(10));
  CHECK(frame.input_peak_db[0] == Approx(-14).margin(0.001));
  CHECK(frame.input_peak_db[1] == Approx(-34).margin(0.001));
  CHECK(frame.detector_db == Approx(-14).margin(0.001));
  CHECK(frame.gain_reduction_db == Approx(13).margin(0.001));
  CHECK(frame.output_peak_db[0] == Approx(-14 - 13 + 6).margin(0.001));
  CHECK(frame.output_peak_db[1] == Approx(-34 - 3 + 6).margin(0.001));
}

TEST_CASE("Meters: silence reads as silence", "[engine]") {
  const auto chain = busy_compressor();
  plugin::Engine engine(chain);
  engine.prepare(48000, 1);
  engine.set({}, chain.values());
  run(engine, {Signal(4800, 0.0)});
  MeterFrame frame;
  REQUIRE(engine.meters().pop(frame));
  CHECK(frame.input_peak_db[0] == MeterFrame::silence_db);
  CHECK(frame.output_peak_db[0] == MeterFrame::silence_db);
  CHECK(frame.detector_db == Approx(-160).margin(0.001));
  CHECK(frame.gain_reduction_db == 0);
}
