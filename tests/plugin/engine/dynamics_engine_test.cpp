// The plugin's controls around a dynamics block, and its values on their way.
#include "catch.h"
#include "plugin/engine/rig.h"

using namespace raphson;
using namespace raphson::test;
using plugin::Controls;

namespace {

const char* const kinds[] = {"dynamics",
                             "dynamics[gain-db,feedback,knee,memory]",
                             "dynamics[level,smooth-decoupled,knee,rms]",
                             "dynamics[power,branching,hold,sidechain]",
                             "dynamics[level-db,decoupled,smoothing]",
                             "dynamics[gain,feedback,decoupled,rms,sidechain]"};

dsp::ChainSettings busy(const std::string& name) {
  return model(name, {{"threshold_db", -30}, {"attack_ms", 2}, {"release_ms", 80}});
}

double deepest(const Signal& x, const Signal& y, std::size_t from = 0) {
  double least = 1;
  for (std::size_t t = from; t < x.size(); ++t)
    if (std::abs(x[t]) > 1e-3) least = std::min(least, std::abs(y[t] / x[t]));
  return least;
}

} // namespace

TEST_CASE("Dynamics in the engine: with all off it is the plain compressor, linked and oversampled too",
          "[engine]") {
  const Channels x{bursts(48000, 30000), bursts(48000, 30000, 0.05)};
  for (const Controls& c :
       {Controls{}, Controls{.stereo_link = 1}, Controls{.stereo_link = 0.4},
        Controls{.sidechain_highpass_hz = 200}, Controls{.look_ahead_ms = 2}, Controls{.oversampling = 4},
        Controls{.auto_makeup = true}, Controls{.delta = true}, Controls{.mix = 0.3}}) {
    const Channels plain = run(busy("compressor"), c, x), general = run(busy("dynamics"), c, x);
    CHECK(furthest(plain[0], general[0]) < 1e-11);
    CHECK(furthest(plain[1], general[1]) < 1e-11);
  }
}

TEST_CASE("Dynamics in the engine: fully linked channels share the gain that the loudest asks for",
          "[engine]") {
  for (const char* kind : kinds) {
    CAPTURE(kind);
    const Signal loud = bursts(48000, 20000);
    Signal quiet = loud;
    for (double& s : quiet) s *= 0.1;
    const Channels alone = run(busy(kind), {}, {loud, quiet});
    const Channels linked = run(busy(kind), {.stereo_link = 1}, {loud, quiet});
    CHECK(furthest(alone[0], linked[0]) < 1e-12);
    Signal scaled = linked[1];
    for (double& s : scaled) s *= 10;
    CHECK(furthest(scaled, linked[0]) < 1e-10);
    CHECK(furthest(alone[1], linked[1]) > 1e-3);
  }
}

TEST_CASE("Dynamics in the engine: the external side-chain and its high-pass decide", "[engine]") {
  for (const char* kind : kinds) {
    CAPTURE(kind);
    const Signal x = sine(1000, 0.01, 48000, 24000), loud = sine(100, 0.8, 48000, 24000);
    const auto chain = busy(kind);
    CHECK(furthest(run(chain, {}, {x})[0], x) < 1e-9); // below the threshold
    const Signal ducked = run(chain, {.external_sidechain = true}, {x}, {loud})[0];
    CHECK(decibels(deepest(x, ducked, 12000)) < -12);
    const Signal filtered =
        run(chain, {.sidechain_highpass_hz = 1000, .external_sidechain = true}, {x}, {loud})[0];
    CHECK(decibels(deepest(x, filtered, 12000)) > decibels(deepest(x, ducked, 12000)) + 6);
  }
}

TEST_CASE("Dynamics in the engine: what moves does not depend on the blocks and leaves no steps",
          "[engine]") {
  for (const char* kind : kinds) {
    CAPTURE(kind);
    const auto chain = busy(std::string("eq+") + kind + "+saturation+eq");
    const auto played = [&](const std::vector<int>& blocks) {
      plugin::Engine engine(chain);
      engine.prepare(48000, 2);
      return run(engine, {bursts(48000, 30720), bursts(48000, 30720, 0.05)}, blocks, {}, [&](int sample) {
        if (sample % 1920 != 0) return;
        auto values = chain.values();
        const double swing = std::sin(sample / 5000.0);
        for (std::size_t i = 0; i < values.size(); ++i) {
          const std::string name = chain.name(i);
          if (name == "threshold_db") values[i] = -30 + 10 * swing;
          if (name == "knee_db") values[i] = sample < 9000 ? 0 : 12;
          if (name == "rms_ms") values[i] = sample < 15000 ? 0 : 8;
          if (name == "hold_ms") values[i] = sample < 12000 ? 0 : 20;
          if (name == "memory") values[i] = sample < 18000 ? 0 : 0.5;
          if (name == "smoothing_ms") values[i] = sample < 6000 ? 0 : 3;
          if (name == "sidechain_low_db") values[i] = sample < 6000 ? 0 : -20;
          if (name == "saturation.drive_db") values[i] = -10 + 8 * swing;
          if (name == "eq2.peak2_db") values[i] = 6 * swing;
        }
        engine.set({.stereo_link = 0.5 + 0.5 * swing,
                    .look_ahead_ms = sample < 10000 ? 0.0 : 2,
                    .oversampling = sample < 20000 ? 1 : 2},
                   values);
      });
    };
    const Channels whole = played({1920}), cut = played({64, 64, 1, 31, 32, 128, 1600});
    CHECK(furthest(whole[0], cut[0]) < 1e-12);
    CHECK(furthest(whole[1], cut[1]) < 1e-12);
    CHECK(greatest_step(whole[0]) < 1.5);
  }
}

TEST_CASE("Dynamics in the engine: what is no number stays out, silence is silent", "[engine]") {
  for (const char* kind : kinds) {
    CAPTURE(kind);
    const auto chain = busy(std::string(kind) + "+saturation");
    Signal x = bursts(48000, 20000);
    for (std::size_t t = 5000; t < 5100; ++t) x[t] = t % 2 ? NAN : INFINITY;
    x[6000] = 1e9;
    const Signal y = run(chain, {}, {x})[0];
    CHECK(std::all_of(y.begin(), y.end(), [](double s) { return std::isfinite(s); }));
    CHECK(furthest(run(chain, {}, {Signal(5000, 0.0)})[0], Signal(5000, 0.0)) < 1e-15);
  }
}

TEST_CASE("Dynamics in the engine: meters read the deepest gain and the highest level", "[engine]") {
  for (const char* kind : {"dynamics[gain-db]", "dynamics[gain-db,rms]", "dynamics[gain-db,feedback]"}) {
    CAPTURE(kind);
    const auto chain = busy(kind);
    plugin::Engine engine(chain);
    engine.prepare(48000, 1);
    engine.set({}, chain.values());
    const Signal x(48000, 0.5);
    const Signal y = run(engine, {x})[0];
    plugin::MeterFrame frame;
    while (engine.meters().pop(frame)) {
    }
    const bool is_back = chain.blocks[0].structure.topology == dsp::Topology::feedback;
    CHECK(frame.gain_reduction_db == Approx(-decibels(y.back() / 0.5)).margin(1e-4));
    CHECK(frame.detector_db == Approx(decibels(is_back ? y.back() : 0.5)).margin(1e-3));
  }
}
