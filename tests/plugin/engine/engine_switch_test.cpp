#include "catch.h"
#include "plugin/engine/engine_switch.h"
#include "plugin/engine/rig.h"

#include <atomic>
#include <thread>

using namespace raphson;
using namespace raphson::test;
using plugin::EngineSwitch, plugin::SwitchedEngine;

namespace {

/// An engine that multiplies by a gain, and counts those of its kind that live.
struct Amplifier final : SwitchedEngine {
  static inline std::atomic<int> alive{0}, updates{0};
  std::thread::id deleted_on = std::this_thread::get_id(); // where it was made, and is to be deleted

  explicit Amplifier(double db) : SwitchedEngine(model("eq", {{"eq.gain_db", db}})) { ++alive; }
  ~Amplifier() override {
    --alive;
    if (deleted_on != std::this_thread::get_id()) std::abort();
  }
  void update() noexcept override { ++updates; }
};

double gain_db(EngineSwitch& player, Signal x, int block, std::vector<double>* heard = nullptr) {
  for (int from = 0; from < static_cast<int>(x.size()); from += block) {
    double* const audio[] = {x.data() + from};
    player.process(audio, 1, std::min(block, static_cast<int>(x.size()) - from));
  }
  if (heard) *heard = x;
  return decibels(x.back());
}

} // namespace

TEST_CASE("EngineSwitch: without an engine the audio is left as it is; the first plays at once", "[engine]") {
  EngineSwitch player;
  CHECK(gain_db(player, Signal(64, 1.0), 64) == 0);
  player.submit(std::make_unique<Amplifier>(-6)); // before prepare
  player.prepare(48000, 1);
  CHECK(gain_db(player, Signal(1, 1.0), 1) == Approx(-6));
}

TEST_CASE("EngineSwitch: goes to the next in one smooth fade and gives the old one back", "[engine]") {
  {
    EngineSwitch player;
    player.prepare(48000, 1);
    player.submit(std::make_unique<Amplifier>(0));
    CHECK(gain_db(player, Signal(1000, 1.0), 100) == Approx(0).margin(1e-9));
    const int updates = Amplifier::updates;
    player.submit(std::make_unique<Amplifier>(-20));
    CHECK(Amplifier::alive == 2);
    std::vector<double> heard;
    CHECK(gain_db(player, Signal(4800, 1.0), 100, &heard) == Approx(-20));
    CHECK(Amplifier::updates > updates + 48);       // both of them, while both play
    CHECK(greatest_step(heard) < 1.01 * 0.9 / 480); // a straight line of 10 ms
    CHECK(Amplifier::alive == 2);
    player.collect();
    CHECK(Amplifier::alive == 1);
  }
  CHECK(Amplifier::alive == 0);
}

TEST_CASE("EngineSwitch: of several that wait the last is played", "[engine]") {
  EngineSwitch player;
  player.prepare(48000, 1);
  player.submit(std::make_unique<Amplifier>(0));
  gain_db(player, Signal(100, 1.0), 100);
  for (const double db : {-10, -20, -30}) player.submit(std::make_unique<Amplifier>(db));
  CHECK(Amplifier::alive == 2); // those that never played are gone
  CHECK(gain_db(player, Signal(4800, 1.0), 64) == Approx(-30));
}

TEST_CASE("EngineSwitch: an engine that enters has its gain reduction and its delays before it is heard",
          "[engine]") {
  const auto chain = model("compressor", {{"threshold_db", -30}, {"look_ahead_ms", 20}});
  EngineSwitch player;
  player.prepare(48000, 1);
  player.submit(std::make_unique<SwitchedEngine>(chain));
  std::vector<double> heard;
  gain_db(player, Signal(9600, 0.5), 64, &heard);
  const double settled = heard.back();
  player.submit(std::make_unique<SwitchedEngine>(chain));
  gain_db(player, Signal(9600, 0.5), 64, &heard);
  for (const double y : heard) REQUIRE(y == Approx(settled).epsilon(1e-3));
}

TEST_CASE("EngineSwitch: prepare and reset in the middle of a fade", "[engine]") {
  EngineSwitch player;
  player.prepare(48000, 1);
  player.submit(std::make_unique<Amplifier>(0));
  gain_db(player, Signal(100, 1.0), 100);
  player.submit(std::make_unique<Amplifier>(-20));
  gain_db(player, Signal(200, 1.0), 100);
  player.prepare(44100, 1);
  CHECK(gain_db(player, Signal(10, 1.0), 10) == Approx(-20));
  player.submit(std::make_unique<Amplifier>(-10));
  gain_db(player, Signal(200, 1.0), 100);
  player.reset();
  CHECK(gain_db(player, Signal(10, 1.0), 10) == Approx(-10));
}

TEST_CASE("EngineSwitch: submitted by one thread while another plays, none is lost and none leaks",
          "[engine]") {
  {
    EngineSwitch player;
    player.prepare(8000, 1);
    std::atomic<bool> done{false};
    std::atomic<int> blocks{0};
    std::atomic<bool> finite{true};
    std::thread audio([&] {
      std::vector<float> x(64);
      float* const channel[] = {x.data()};
      while (!done) {
        std::fill(x.begin(), x.end(), 1.0f);
        player.process(channel, 1, 64);
        for (const float y : x)
          if (!(y > 0.0f && y <= 1.001f)) finite = false;
        ++blocks;
      }
    });
    for (int k = 0; k < 200; ++k) {
      player.submit(std::make_unique<Amplifier>(-k % 20));
      const int seen = blocks;
      while (blocks < seen + k % 40) std::this_thread::yield();
      plugin::MeterFrame frame;
      while (player.meters().pop(frame)) {
      }
    }
    done = true;
    audio.join();
    CHECK(finite);
    player.collect();
    CHECK(Amplifier::alive <= 4);
    CHECK(Amplifier::alive >= 1);
  }
  CHECK(Amplifier::alive == 0);
}
