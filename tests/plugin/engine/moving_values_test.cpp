// Values that move while audio plays.
#include "catch.h"
#include "plugin/engine/rig.h"

using namespace raphson;
using namespace raphson::test;
using plugin::Controls;

namespace {

/// All that can move, moving, as a function of the sample: some in jumps, some with every call.
void automate(plugin::Engine& engine, const dsp::ChainSettings& chain, int sample) {
  auto values = chain.values();
  const double s = sample / 48000.0, swing = std::sin(2 * std::numbers::pi * 1.7 * s);
  values[chain.index("threshold_db")] = -30 + 15 * swing;
  values[chain.index("ratio")] = 4 + 3 * swing;
  values[chain.index("attack_ms")] = sample < 20000 ? 2 : 30;
  values[chain.index("release_ms")] = sample < 12000 ? 80 : 300;
  values[chain.index("makeup_db")] = 6 * swing;
  values[chain.index("knee_db")] = sample < 16000 ? 0 : 12;
  values[chain.index("rms_ms")] = sample < 24000 ? 0 : 10;
  values[chain.index("eq.peak1_db")] = 9 * swing;
  values[chain.index("eq.gain_db")] = -3 * swing;
  Controls c;
  c.input_gain_db = 3 * swing;
  c.output_gain_db = sample < 9000 ? 0 : -6;
  c.mix = sample < 28000 ? 1 : 0.5;
  c.stereo_link = 0.5 + 0.5 * swing;
  c.sidechain_highpass_hz = sample < 10000 ? 0 : 150 + 50 * swing;
  c.look_ahead_ms = sample < 14000 ? 0 : 3;
  c.oversampling = sample < 19000 ? 1 : sample < 32000 ? 4 : 2;
  c.external_sidechain = sample >= 26000;
  c.auto_makeup = sample >= 30000 && sample < 36000;
  c.bypass = sample >= 38000 && sample < 41000;
  c.delta = sample >= 43000;
  engine.set(c, values);
}

Channels automated(const std::vector<int>& blocks) {
  const auto chain = model("eq+compressor");
  plugin::Engine engine(chain);
  engine.prepare(48000, 2);
  const Channels in{bursts(48000, 48000), bursts(48000, 48000, 0.05)}, side{bursts(48000, 48000, 0.1)};
  int due = 0;
  return run(engine, in, blocks, side, [&](int sample) {
    if (sample < due) return;
    REQUIRE(sample == due); // set at the same samples whatever the blocks
    automate(engine, chain, sample);
    due += 1000;
  });
}

} // namespace

TEST_CASE("Moving values: the output does not depend on how the audio is cut into blocks", "[engine]") {
  const Channels whole = automated({1000});
  for (const auto& blocks : std::vector<std::vector<int>>{{1}, {8}, {40}, {250, 750}, {33, 67, 400, 500}}) {
    const Channels cut = automated(blocks);
    CAPTURE(blocks);
    CHECK(furthest(cut[0], whole[0]) < 1e-12);
    CHECK(furthest(cut[1], whole[1]) < 1e-12);
  }
}

TEST_CASE("Moving values: the first set() holds at once", "[engine]") {
  const auto chain = busy_compressor();
  const Signal x(1000, 0.001); // below the threshold
  plugin::Engine engine(chain);
  engine.prepare(48000, 1);
  engine.set({.output_gain_db = 6}, chain.values());
  const double expected = 0.001 * std::pow(10.0, 0.3);
  CHECK(run(engine, {x})[0][0] == Approx(expected));
  engine.set({.output_gain_db = -6}, chain.values());
  CHECK(run(engine, {x})[0][0] == Approx(expected).epsilon(0.01)); // not at once
  engine.reset();
  CHECK(run(engine, {x})[0][0] == Approx(0.001 * std::pow(10.0, -0.3)));
}

TEST_CASE("Moving values: gains move evenly in dB, with no step, and arrive within 25 ms", "[engine]") {
  const auto chain = busy_compressor();
  const Signal x(9600, 0.001);
  const std::function<void(Controls&, std::vector<double>&)> moves[] = {
      [](Controls& c, auto&) { c.input_gain_db = 24; },
      [](Controls& c, auto&) { c.output_gain_db = 24; },
      [&](Controls&, auto& values) { values[chain.index("makeup_db")] = 24; },
  };
  for (const auto& move : moves) {
    plugin::Engine engine(chain);
    engine.prepare(48000, 1);
    engine.set({}, chain.values());
    const auto y = run(engine, {x}, {64}, {}, [&](int sample) {
      if (sample != 4800 - 4800 % 64) return;
      Controls c;
      auto values = chain.values();
      move(c, values);
      engine.set(c, values);
    })[0];
    CHECK(y[4000] == Approx(0.001));
    CHECK(decibels(y[4800 + 480] / 0.001) == Approx(12).margin(1.5)); // half of the way in half of the time
    CHECK(decibels(y[4800 + 1200] / 0.001) == Approx(24).margin(1e-6));
    double steepest = 0;
    for (std::size_t t = 1; t < y.size(); ++t) steepest = std::max(steepest, decibels(y[t] / y[t - 1]));
    CHECK(steepest < 24.0 / 960 * 1.3); // a straight line of 20 ms, give or take the chords between steps
  }
}

TEST_CASE("Moving values: switches and values leave no click", "[engine]") {
  const auto chain = model("eq+compressor", {{"threshold_db", -30}, {"makeup_db", 6}});
  const auto x = sine(220, 0.4, 48000, 48000);
  const double step_of_sine = 0.4 * 2 * std::numbers::pi * 220 / 48000;
  const auto with = [](auto change) {
    Controls c;
    change(c);
    return c;
  };
  const Controls changes[] = {
      with([](Controls& c) { c.bypass = true; }),
      with([](Controls& c) { c.delta = true; }),
      with([](Controls& c) { c.mix = 0; }),
      with([](Controls& c) { c.auto_makeup = true; }),
      with([](Controls& c) { c.oversampling = 2; }),
      with([](Controls& c) { c.oversampling = 4; }),
      with([](Controls& c) { c.look_ahead_ms = 5; }),
      with([](Controls& c) { c.look_ahead_ms = 20; }),
      with([](Controls& c) { c.stereo_link = 1; }),
      with([](Controls& c) { c.sidechain_highpass_hz = 500; }),
      with([](Controls& c) {
        c.external_sidechain = true;
        c.oversampling = 2;
      }),
      with([](Controls& c) {
        c.look_ahead_ms = 7;
        c.mix = 0.5;
        c.oversampling = 4;
      }),
  };
  for (const Controls& change : changes) {
    plugin::Engine engine(chain);
    engine.prepare(48000, 1);
    const Channels quiet{Signal(48000, 0.0)};
    const auto y = run(engine, {x}, {100}, quiet, [&](int sample) {
      engine.set(sample >= 20000 && sample < 34000 ? change : Controls{}, chain.values());
    })[0];
    CAPTURE(change.bypass, change.delta, change.mix, change.oversampling, change.look_ahead_ms);
    // With make-up the sine may rise to 2.0 of its level; a jump between any two phases would be 0.4 and
    // more.
    CHECK(greatest_step(y, 4800) < 2.5 * step_of_sine);
    CHECK(greatest_step(y, 4800) > 0.1 * step_of_sine);
  }
}

TEST_CASE("Moving values: the equaliser ends where its new values have it", "[engine]") {
  const auto chain = model("eq");
  auto target = chain;
  auto values = chain.values();
  values[chain.index("eq.peak2_db")] = 12;
  values[chain.index("eq.peak2_hz")] = 1000;
  values[chain.index("eq.gain_db")] = -4;
  target.set_values(values);
  const Channels in{sine(1000, 0.1, 48000, 24000)};
  plugin::Engine engine(chain);
  engine.prepare(48000, 1);
  engine.set({}, chain.values());
  const auto y = run(engine, in, {64}, {}, [&](int sample) {
    if (sample == 6400) engine.set({}, values);
  })[0];
  CHECK(furthest(y, run(chain, {}, in)[0]) > 0.05);
  CHECK(furthest(y, run(target, {}, in)[0], 20000) < 1e-6);
  CHECK(greatest_step(y) < 0.3 * 2 * std::numbers::pi * 1000 / 48000);
}
