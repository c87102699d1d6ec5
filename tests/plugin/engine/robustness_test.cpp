// Samples, sizes and values that no host should send.
#include "catch.h"
#include "dsp/error.h"
#include "plugin/engine/flush_denormals.h"
#include "plugin/engine/rig.h"

#include <limits>

using namespace raphson;
using namespace raphson::test;
using plugin::Controls;

namespace {

constexpr double nan_value = std::numeric_limits<double>::quiet_NaN();
constexpr double infinity = std::numeric_limits<double>::infinity();

bool all_finite(const Signal& x) {
  return std::all_of(x.begin(), x.end(), [](double v) { return std::isfinite(v); });
}

} // namespace

TEST_CASE("Engine: samples that are no audio count as 0, in the audio and in the side-chain", "[engine]") {
  for (const char* name : {"compressor", "eq+compressor", "compressor+eq"})
    for (const int oversampling : {1, 4}) {
      const auto chain = model(name, {{"threshold_db", -30}, {"rms_ms", oversampling == 4 ? 5.0 : 0.0}});
      Controls c{.sidechain_highpass_hz = 100,
                 .look_ahead_ms = 1,
                 .oversampling = oversampling,
                 .external_sidechain = true};
      Channels in{bursts(48000, 9600)}, clean = in, key{bursts(48000, 9600, 0.1)}, clean_key = key;
      const double bad[] = {nan_value, infinity, -infinity, 1e300, -1e30};
      for (std::size_t i = 0; i < 5; ++i) {
        in[0][3000 + 11 * i] = bad[i];
        clean[0][3000 + 11 * i] = 0;
        key[0][3005 + 11 * i] = bad[i];
        clean_key[0][3005 + 11 * i] = 0;
      }
      const Signal y = run(chain, c, in, key)[0];
      CHECK(all_finite(y));
      CHECK(furthest(y, run(chain, c, clean, clean_key)[0]) == 0); // at once as if nothing had been
    }
}

TEST_CASE("Engine: the loudest and the quietest there is come out finite", "[engine]") {
  const auto chain = model("eq+compressor", {{"eq.gain_db", 60}, {"eq.peak1_db", 18}, {"makeup_db", 60}});
  for (const double level : {9.9e9, 1e-30, 1e-310, 0.0}) {
    std::vector<float> x(4800, static_cast<float>(level));
    plugin::Engine engine(chain);
    engine.prepare(48000, 1);
    engine.set({.input_gain_db = 24, .output_gain_db = 24, .oversampling = 2}, chain.values());
    float* const audio[] = {x.data()};
    engine.process(audio, 1, 4800);
    CHECK(all_finite(Signal(x.begin(), x.end())));
  }
}

TEST_CASE("Engine: no channels, no samples, no preparation, no side-chain channels", "[engine]") {
  const auto chain = busy_compressor();
  plugin::Engine engine(chain);
  const Channels in{bursts(48000, 1000)};
  CHECK(run(engine, in) == in); // untouched before prepare()
  engine.set({}, chain.values());
  CHECK(engine.latency_samples() == 0);
  engine.prepare(48000, 2);
  engine.process<float>(nullptr, 0, 64);
  double sample = 0.25;
  double* const audio[] = {&sample};
  engine.process(audio, 1, 0);
  engine.process(audio, 1, -5);
  CHECK(sample == 0.25);
  const double* const none[] = {nullptr};
  engine.set({.external_sidechain = true}, chain.values());
  engine.process(audio, 1, 1, none, 0);
  CHECK(std::isfinite(sample));
}

TEST_CASE("Engine: channels beyond those prepared are left alone, fewer are processed", "[engine]") {
  const auto chain = busy_compressor();
  const Signal x = bursts(48000, 4800);
  plugin::Engine engine(chain);
  engine.prepare(48000, 2);
  const Channels three = run(engine, {x, x, x});
  CHECK(three[2] == x);
  CHECK(three[0] == three[1]);
  CHECK(furthest(three[0], x) > 0.1);
  CHECK(furthest(run(engine, {x})[0], x) > 0.1);
}

TEST_CASE("Engine: prepared again it begins again", "[engine]") {
  const auto chain = busy_compressor();
  const Channels in{bursts(48000, 4800)};
  plugin::Engine engine(chain);
  engine.prepare(44100, 8);
  run(engine, Channels(8, in[0]));
  engine.prepare(48000, 1);
  const Channels again = run(engine, in);
  CHECK(again == run(chain, {}, in));
  engine.reset();
  CHECK(run(engine, in) == again);
}

TEST_CASE("Engine: values out of range are held, those that are no numbers and wrong counts ignored",
          "[engine]") {
  const auto chain = busy_compressor();
  const Channels in{bursts(48000, 4800)};
  const auto with = [&](Controls c, const std::vector<double>& values) {
    plugin::Engine engine(chain);
    engine.prepare(48000, 1);
    engine.set(c, values);
    return run(engine, in);
  };
  const Channels plain = with({}, chain.values());
  Controls no_numbers;
  no_numbers.input_gain_db = no_numbers.mix = no_numbers.look_ahead_ms = nan_value;
  no_numbers.oversampling = -7;
  CHECK(with(no_numbers, std::vector<double>(8, nan_value)) == plain);
  CHECK(with({}, {1, 2, 3}) == plain);
  CHECK(with({.output_gain_db = 1000}, chain.values()) == with({.output_gain_db = 24}, chain.values()));
  auto values = chain.values();
  values[1] = 1e9;
  CHECK(all_finite(with({}, values)[0]));
}

TEST_CASE("Engine: takes any sample rate", "[engine]") {
  for (const double rate : {0.0, -1.0, nan_value, 4000.0, 768000.0, 1e9}) {
    const auto chain = model("eq+compressor", {{"threshold_db", -30}});
    plugin::Engine engine(chain);
    engine.prepare(rate, 1);
    engine.set({.sidechain_highpass_hz = 1000, .look_ahead_ms = 20, .oversampling = 4}, chain.values());
    CHECK(all_finite(run(engine, {bursts(48000, 4800)})[0]));
  }
}

TEST_CASE("Engine: a chain with two compressors is refused", "[engine]") {
  auto chain = busy_compressor();
  chain.blocks.push_back(chain.blocks[0]);
  CHECK_THROWS_AS(plugin::Engine(chain), raphson::InputError);
}

TEST_CASE("Denormals are 0 while flushed, and as before afterwards", "[engine]") {
  volatile double small = 1e-300;
  {
    const plugin::FlushDenormals guard;
    const double product = small * 1e-15;
    CHECK(product == 0);
  }
  const double product = small * 1e-15;
  CHECK(product > 0);
}
