// With default controls the engine is dsp::ChainProcessor, that is `raphson render`.
#include "catch.h"
#include "plugin/engine/rig.h"

using namespace raphson;
using namespace raphson::test;

namespace {

std::vector<float> rendered(const dsp::ChainSettings& chain, const std::vector<float>& in, double rate) {
  std::vector<float> out(in.size());
  dsp::ChainProcessor(chain, rate).process(in, std::span<float>(out));
  return out;
}

/// Level of the difference over that of full scale, dB.
double null_db(const std::vector<float>& a, const std::vector<float>& b) {
  double most = 0;
  for (std::size_t t = 0; t < a.size(); ++t) most = std::max(most, std::abs(double(a[t]) - double(b[t])));
  return decibels(most);
}

const std::vector<int> block_sizes[] = {{1}, {7}, {64}, {512}, {8192}, {1, 8192, 3, 33, 100, 257, 31, 2048}};

void check_equal(const dsp::ChainSettings& chain) {
  const auto left = recording("la2a-dry.flac"), right = recording("cl1b-dry.flac");
  std::vector<std::vector<float>> in{left.channels[0], right.channels[0]};
  const std::size_t frames = std::min<std::size_t>({in[0].size(), in[1].size(), 100000});
  for (auto& channel : in) channel.resize(frames);
  const std::vector<float> expected[] = {rendered(chain, in[0], 48000), rendered(chain, in[1], 48000)};
  for (const auto& blocks : block_sizes) {
    plugin::Engine engine(chain);
    engine.prepare(48000, 2);
    engine.set({}, chain.values());
    auto out = in;
    for (std::size_t from = 0, k = 0; from < frames; ++k) {
      const std::size_t count =
          std::min<std::size_t>(static_cast<std::size_t>(blocks[k % blocks.size()]), frames - from);
      float* const block[] = {out[0].data() + from, out[1].data() + from};
      engine.process(block, 2, static_cast<int>(count));
      from += count;
    }
    CAPTURE(to_string(chain), blocks);
    CHECK(null_db(out[0], expected[0]) < -120);
    CHECK(null_db(out[1], expected[1]) < -120);
    CHECK(null_db(out[0], in[0]) > -60); // something was done
  }
}

} // namespace

TEST_CASE("Engine: default controls render as ChainProcessor does, on recordings, whatever the blocks",
          "[engine]") {
  check_equal(model("compressor", {{"threshold_db", -35}, {"makeup_db", 3}}));
  check_equal(model("compressor", {{"threshold_db", -35}, {"knee_db", 12}}));
  check_equal(model("compressor", {{"threshold_db", -35}, {"rms_ms", 15}}));
  check_equal(model("compressor", {{"threshold_db", -35}, {"look_ahead_ms", 3}}));
  check_equal(model("compressor", {{"threshold_db", -40},
                                   {"attack_ms", 300},
                                   {"release_ms", 5},
                                   {"knee_db", 6},
                                   {"rms_ms", 5},
                                   {"look_ahead_ms", 20}}));
  check_equal(model("compressor+eq", {{"threshold_db", -35},
                                      {"eq.low_shelf_db", 5},
                                      {"eq.peak1_db", -4},
                                      {"eq.high_shelf_db", 3},
                                      {"eq.gain_db", -2}}));
  check_equal(model("eq+compressor", {{"threshold_db", -35}, {"eq.low_shelf_db", -9}, {"eq.peak2_db", 6}}));
  check_equal(model("eq", {{"eq.low_shelf_db", 5}, {"eq.peak2_db", -6}, {"eq.gain_db", 3}}));
}

TEST_CASE("Engine: dynamics, saturation and two equalisers render as ChainProcessor does", "[engine]") {
  for (const char* name :
       {"dynamics", "dynamics[gain-db,feedback,knee,memory]+saturation+eq",
        "eq+dynamics[level,knee,rms,hold,sidechain]+eq", "compressor+rational",
        "dynamics[gain-db,branching,memory,hold]", "dynamics[gain-db,smooth-decoupled,smoothing]+saturation",
        "saturation+dynamics[power,decoupled,rms]", "dynamics[level-db,smooth-decoupled,sidechain]",
        "dynamics[level,feedback,decoupled,sidechain,rms]"}) {
    auto chain = model(name, {{"threshold_db", -35}, {"makeup_db", 2}, {"look_ahead_ms", 1}});
    auto values = chain.values();
    for (std::size_t i = 0; i < values.size(); ++i) {
      if (chain.name(i) == "eq.peak1_db") values[i] = -5;
      if (chain.name(i) == "eq2.low_shelf_db") values[i] = 4;
      if (chain.name(i) == "eq2.gain_db") values[i] = -1;
      if (chain.name(i) == "saturation.drive_db") values[i] = 3;
      if (chain.name(i) == "rational.section1_band") values[i] = 2;
      if (chain.name(i) == "rational.section3_low") values[i] = -0.5;
    }
    chain.set_values(values);
    check_equal(chain);
  }
  check_equal(model("saturation", {{"saturation.drive_db", 6}}));
}

TEST_CASE("Engine: a linear stage fitted at another rate renders as ChainProcessor does", "[engine]") {
  auto chain = model("rational", {{"rational.section1_band", 2}, {"rational.section2_low", -0.5}});
  chain.blocks[0].fitted_rate = 96000;
  check_equal(chain);
}

TEST_CASE("Engine: float and double in, mono and eight channels, give the same", "[engine]") {
  const auto chain = busy_compressor();
  const auto x = bursts(48000, 20000);
  const Channels mono = run(chain, {}, {x});
  const Channels eight = run(chain, {}, Channels(8, x));
  for (const Signal& channel : eight) CHECK(furthest(channel, mono[0]) < 1e-12);
  std::vector<float> narrow(x.begin(), x.end());
  plugin::Engine engine(chain);
  engine.prepare(48000, 1);
  engine.set({}, chain.values());
  float* const block[] = {narrow.data()};
  engine.process(block, 1, static_cast<int>(narrow.size()));
  CHECK(furthest(Signal(narrow.begin(), narrow.end()), mono[0]) < 1e-6);
}

TEST_CASE("Engine: times are the same at every sample rate", "[engine]") {
  for (const double rate : {8000.0, 44100.0, 96000.0, 192000.0}) {
    const auto chain = busy_compressor();
    const auto count = static_cast<std::size_t>(rate / 2);
    plugin::Engine engine(chain);
    engine.prepare(rate, 1);
    engine.set({}, chain.values());
    const auto x = bursts(rate, count);
    const auto y = run(engine, {x}, {480})[0];
    const std::vector<float> in(x.begin(), x.end()), out = rendered(chain, in, rate);
    CHECK(furthest(y, Signal(out.begin(), out.end())) < 1e-6);
  }
}
