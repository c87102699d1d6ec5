// What each control does, against what it says it does.
#include "catch.h"
#include "plugin/engine/rig.h"

using namespace raphson;
using namespace raphson::test;
using plugin::Controls;

namespace {

/// y/x of the wet path, where x is not near 0.
Signal gain_of(const Signal& y, const Signal& x) {
  Signal g;
  for (std::size_t t = 0; t < x.size(); ++t)
    if (std::abs(x[t]) > 0.005) g.push_back(y[t] / x[t]);
  return g;
}

double level_db(const Signal& x, std::size_t from) {
  double power = 0;
  for (std::size_t t = from; t < x.size(); ++t) power += x[t] * x[t];
  return 10 * std::log10(power / static_cast<double>(x.size() - from));
}

} // namespace

TEST_CASE("Stereo link: at 1 all channels have one gain, that of the loudest", "[engine]") {
  const auto chain = busy_compressor();
  const Signal loud = bursts(48000, 24000);
  Signal quiet = loud, other = bursts(48000, 24000, 0.07);
  for (double& v : quiet) v *= 0.1;
  const Channels linked = run(chain, {.stereo_link = 1}, {loud, quiet});
  CHECK(furthest(gain_of(linked[0], loud), gain_of(run(chain, {}, {loud})[0], loud)) < 1e-12);
  for (std::size_t t = 0; t < loud.size(); ++t)
    REQUIRE(linked[1][t] == Approx(0.1 * linked[0][t]).margin(1e-12));

  const Channels apart = run(chain, {}, {loud, quiet, other});
  for (std::size_t c = 0; c < 3; ++c)
    CHECK(furthest(apart[c], run(chain, {}, {Channels{loud, quiet, other}[c]})[0]) < 1e-12);
  const Channels three = run(chain, {.stereo_link = 1}, {loud, quiet, other});
  for (std::size_t t = 0; t < loud.size(); ++t)
    if (std::abs(loud[t]) > 1e-3 && std::abs(other[t]) > 1e-3)
      REQUIRE(three[0][t] / loud[t] == Approx(three[2][t] / other[t]));
}

TEST_CASE("Stereo link: between, levels are mixed in dB", "[engine]") {
  // Constant levels: gain in dB is -slope (level - threshold) of the mixed level, once settled.
  const auto chain =
      model("compressor", {{"threshold_db", -40}, {"ratio", 2}, {"attack_ms", 1}, {"release_ms", 5}});
  const Channels y = run(chain, {.stereo_link = 0.25}, {Signal(9600, 0.5), Signal(9600, 0.05)});
  const double loud_db = decibels(0.5), quiet_db = decibels(0.05);
  CHECK(decibels(y[0].back() / 0.5) == Approx(-0.5 * (loud_db + 40)).margin(1e-6));
  CHECK(decibels(y[1].back() / 0.05)
        == Approx(-0.5 * (quiet_db + 0.25 * (loud_db - quiet_db) + 40)).margin(1e-6));
}

TEST_CASE("Side-chain high-pass: low tones are compressed as their filtered level asks", "[engine]") {
  const auto chain =
      model("compressor",
            {{"threshold_db", -30}, {"ratio", 4}, {"attack_ms", 500}, {"release_ms", 500}, {"rms_ms", 200}});
  const auto reduction = [&](double hz, double highpass_hz) {
    const Channels x{sine(hz, 0.5, 48000, 96000)};
    const Channels y = run(chain, {.sidechain_highpass_hz = highpass_hz}, x);
    return level_db(x[0], 72000) - level_db(y[0], 72000);
  };
  // A second-order Butterworth is 3.01 dB down at its corner and 12.3 dB an octave below.
  const double slope = 0.75;
  CHECK(reduction(200, 0) - reduction(200, 200) == Approx(slope * 3.01).margin(0.15));
  CHECK(reduction(100, 0) - reduction(100, 200) == Approx(slope * 12.3).margin(0.2));
  CHECK(reduction(5000, 0) - reduction(5000, 200) == Approx(0).margin(0.05));
}

TEST_CASE("External side-chain: the compressor hears it, on all channels, and not the audio", "[engine]") {
  const auto chain = busy_compressor();
  const Channels in{bursts(48000, 24000, 0.1), sine(1000, 0.4, 48000, 24000)}, key{bursts(48000, 24000)};
  const Controls external{.external_sidechain = true};
  const Channels y = run(chain, external, in, key);
  const Signal wanted = run(chain, {}, key)[0]; // the key by itself has that gain
  for (std::size_t c = 0; c < 2; ++c)
    for (std::size_t t = 0; t < key[0].size(); ++t)
      if (std::abs(key[0][t]) > 0.001)
        REQUIRE(y[c][t] == Approx(in[c][t] * wanted[t] / key[0][t]).margin(1e-9));

  CHECK(furthest(run(chain, external, in)[0], run(chain, {}, in)[0]) == 0); // none there: no effect
  CHECK(furthest(run(chain, {}, in, key)[0], run(chain, {}, in)[0]) == 0);  // not asked for: the same
  const Channels silent = run(chain, external, in, {Signal(24000, 0.0)});
  CHECK(furthest(silent[0], in[0]) < 1e-12);
}

TEST_CASE("Equaliser in front: the compressor hears its output", "[engine]") {
  // 12 dB more at the tone's frequency, far above the threshold and steady: 3 dB more out at 4:1.
  const auto level = [](double eq_db) {
    const auto chain = model("eq+compressor", {{"threshold_db", -60},
                                               {"ratio", 4},
                                               {"rms_ms", 100},
                                               {"eq.peak2_hz", 1000},
                                               {"eq.peak2_db", eq_db}});
    return level_db(run(chain, {}, {sine(1000, 0.2, 48000, 96000)})[0], 48000);
  };
  CHECK(level(12) - level(0) == Approx(3).margin(0.01));
}

TEST_CASE("Mix: dry is the input, late by the latency to the sample", "[engine]") {
  const Channels in{bursts(48000, 24000), bursts(48000, 24000, 0.03)};
  for (const char* name : {"compressor", "eq+compressor", "eq"})
    for (const int oversampling : {1, 2, 4})
      for (const double look_ahead_ms : {0.0, 3.3}) {
        Controls c;
        c.oversampling = oversampling;
        c.look_ahead_ms = look_ahead_ms;
        c.mix = 0;
        const auto chain = model(name);
        const int latency = plugin::latency_samples(c, chain, 48000);
        plugin::Engine engine(chain);
        engine.prepare(48000, 2);
        engine.set(c, chain.values());
        CHECK(engine.latency_samples() == latency);
        const Channels y = run(engine, in, {100});
        for (std::size_t i = 0; i < 2; ++i)
          CHECK(furthest(y[i], delayed(in[i], static_cast<std::size_t>(latency))) == 0);
      }
}

TEST_CASE("Mix: half is half of each", "[engine]") {
  const auto chain = busy_compressor();
  const Channels in{bursts(48000, 24000)};
  const Controls c{.input_gain_db = 6, .oversampling = 2};
  Controls half = c, dry = c;
  half.mix = 0.5;
  dry.mix = 0;
  const Signal w = run(chain, c, in)[0], d = run(chain, dry, in)[0], h = run(chain, half, in)[0];
  for (std::size_t t = 0; t < w.size(); ++t) REQUIRE(h[t] == Approx(0.5 * (w[t] + d[t])).margin(1e-12));
}

TEST_CASE("Bypass: the input as it came, late by the latency", "[engine]") {
  const auto chain = model("compressor", {{"threshold_db", -40}, {"look_ahead_ms", 2}});
  const Channels in{bursts(48000, 24000)};
  Controls c{.input_gain_db = 9, .output_gain_db = -5, .mix = 0.7, .oversampling = 4};
  c.bypass = true;
  const auto latency = static_cast<std::size_t>(plugin::latency_samples(c, chain, 48000));
  CHECK(latency > 96);
  CHECK(furthest(run(chain, c, in)[0], delayed(in[0], latency)) == 0);
}

TEST_CASE("Delta: what is taken away and what is left are the input", "[engine]") {
  const auto chain = model("compressor", {{"threshold_db", -30}, {"look_ahead_ms", 1}});
  const Channels in{bursts(48000, 24000)};
  for (const int oversampling : {1, 2, 4}) {
    Controls c{.input_gain_db = 3, .oversampling = oversampling};
    const Signal left = run(chain, c, in)[0];
    c.delta = true;
    const Signal taken = run(chain, c, in)[0];
    auto louder = chain;
    auto values = chain.values();
    values[chain.index("makeup_db")] = 12;
    louder.set_values(values);
    Controls mixed = c;
    mixed.mix = 0.3;
    CHECK(furthest(run(louder, mixed, in)[0], taken) < 1e-12); // whatever the make-up and the mix
    const auto at_rest = model("compressor", {{"ratio", 1}, {"look_ahead_ms", 1}});
    c.delta = false;
    const Signal whole = run(at_rest, c, in)[0];
    double most = 0;
    for (std::size_t t = 0; t < taken.size(); ++t)
      most = std::max(most, std::abs(taken[t] + left[t] - whole[t]));
    CHECK(most < 1e-12);
    CHECK(level_db(taken, 0) > -40);
  }
  CHECK(level_db(run(model("eq"), {.delta = true}, in)[0], 0) < -200); // an equaliser takes nothing
}

TEST_CASE("Auto make-up: half of what the static curve takes from full scale", "[engine]") {
  const auto chain = model("compressor", {{"threshold_db", -24}, {"ratio", 4}, {"makeup_db", 30}});
  const Channels in{Signal(4800, 0.001)}; // below the threshold: the make-up alone
  CHECK(decibels(run(chain, {.auto_makeup = true}, in)[0].back() / 0.001) == Approx(24 * 0.75 / 2));
  CHECK(decibels(run(chain, {}, in)[0].back() / 0.001) == Approx(30));
  // Threshold 0 with a knee of 20 dB: (w/2)^2 / (2w) = 2.5 dB of overshoot at full scale.
  const auto soft = model("compressor", {{"threshold_db", 0}, {"ratio", 2}, {"knee_db", 20}});
  CHECK(decibels(run(soft, {.auto_makeup = true}, in)[0].back() / 0.001) == Approx(2.5 * 0.5 / 2));
}

TEST_CASE("Look-ahead: the plugin's comes on top of the model's, and the gain acts before the peak",
          "[engine]") {
  const auto chain = model("compressor", {{"threshold_db", -30}, {"attack_ms", 1}, {"look_ahead_ms", 2}});
  Controls c{.look_ahead_ms = 3};
  CHECK(plugin::latency_samples(c, chain, 48000) == 240);
  CHECK(plugin::latency_samples(c, chain, 44100) == 221); // 220.5, up
  Signal x(9600, 0.001);
  std::fill(x.begin() + 4800, x.end(), 0.5);
  const Signal y = run(chain, c, {x})[0];
  CHECK(y[4800 + 230] < 0.0005);                          // still the quiet part, gain already down
  CHECK(y[4800 + 240] == Approx(y.back()).epsilon(0.01)); // no overshoot
}
