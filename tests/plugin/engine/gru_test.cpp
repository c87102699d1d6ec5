// The engine with a model whose compressor a network corrects.
#include "../../dsp/dynamics/gru_reference.h"
#include "catch.h"
#include "dsp/allocation_count.h"
#include "dsp/error.h"
#include "plugin/engine/rig.h"

using namespace raphson;
using namespace raphson::test;

namespace {

dsp::ChainSettings with_network(dsp::ChainSettings chain, int units, double range = 0.5) {
  for (std::size_t i = 0; i < chain.blocks.size(); ++i)
    if (chain.blocks[i].type == dsp::BlockType::compressor) {
      chain.blocks.insert(chain.blocks.begin() + static_cast<std::ptrdiff_t>(i) + 1,
                          {dsp::BlockType::gru_makeup, {}, {}, random_network(units, 3, range)});
      break;
    }
  return chain;
}

/// A network whose units are as slow as those of trained ones: the update gates' biases raised.
dsp::ChainSettings slow_network(dsp::ChainSettings chain) {
  chain = with_network(chain, 8, 0.4);
  auto& gru = chain.blocks[1].gru;
  const auto at = dsp::GruWeights::layout(8);
  for (std::size_t u = 0; u < 8; ++u) gru.values[at.input_bias + 8 + u] += 4 + static_cast<float>(u) * 0.5f;
  return chain;
}

} // namespace

TEST_CASE("Engine with a network: it plays what ChainProcessor does, whatever the blocks", "[engine]") {
  const auto left = recording("la2a-dry.flac"), right = recording("cl1b-dry.flac");
  const std::size_t frames = 50000;
  for (const auto& chain :
       {with_network(model("compressor", {{"threshold_db", -35}, {"makeup_db", 3}}), 16),
        with_network(model("compressor", {{"threshold_db", -35}, {"look_ahead_ms", 3}, {"knee_db", 6}}), 8),
        with_network(model("compressor+eq", {{"threshold_db", -35}, {"eq.low_shelf_db", 5}}), 3),
        with_network(model("eq+compressor", {{"threshold_db", -35}, {"eq.peak2_db", 6}}), 20)}) {
    std::vector<std::vector<float>> in{left.channels[0], right.channels[0]}, expected;
    for (auto& channel : in) {
      channel.resize(frames);
      expected.emplace_back(frames);
      dsp::ChainProcessor(chain, 48000).process(channel, std::span<float>(expected.back()));
    }
    std::vector<std::vector<float>> first;
    for (const auto& blocks : {std::vector<int>{1}, {64}, {8192}, {1, 8192, 3, 33, 257, 31}}) {
      plugin::Engine engine(chain);
      engine.prepare(48000, 2);
      engine.set({}, chain.values());
      auto out = in;
      for (std::size_t from = 0, k = 0; from < frames; ++k) {
        const auto count = std::min(static_cast<std::size_t>(blocks[k % blocks.size()]), frames - from);
        float* const block[] = {out[0].data() + from, out[1].data() + from};
        engine.process(block, 2, static_cast<int>(count));
        from += count;
      }
      CAPTURE(to_string(chain), blocks);
      for (std::size_t c = 0; c < 2; ++c) {
        double most = 0, done = 0;
        for (std::size_t t = 0; t < frames; ++t) {
          most = std::max(most, std::abs(double(out[c][t]) - double(expected[c][t])));
          done = std::max(done, std::abs(double(out[c][t]) - double(in[c][t])));
        }
        CHECK(decibels(most) < -100);
        CHECK(decibels(done) > -40);
      }
    }
  }
}

TEST_CASE("Engine with a network: the same at other rates and oversampled, to the network's approximation",
          "[engine]") {
  const auto chain = slow_network(busy_compressor());
  const auto plain = busy_compressor();
  const auto x = bursts(48000, 24000);
  const Signal at_one = run(chain, {}, {x})[0];
  const double correction = furthest(at_one, run(plain, {}, {x})[0]);
  CHECK(correction > 0.02);
  for (const int factor : {2, 4}) {
    const plugin::Controls controls{.oversampling = factor};
    const auto late = static_cast<std::size_t>(plugin::latency_samples(controls, chain, 48000));
    const Signal high = run(chain, controls, {x})[0], plain_high = run(plain, controls, {x})[0];
    // Oversampling alone changes the plain compressor a little, too.
    const double change = furthest(high, delayed(at_one, late), 4800);
    const double plain_change = furthest(plain_high, delayed(run(plain, {}, {x})[0], late), 4800);
    CAPTURE(factor, change, plain_change, correction);
    CHECK(change < plain_change + 0.1 * correction);
  }
}

TEST_CASE("Engine with a network: reset starts again, and its latency is the compressor's", "[engine]") {
  const auto chain = with_network(busy_compressor(), 16);
  plugin::Engine engine(chain);
  engine.prepare(48000, 2);
  engine.set({}, chain.values());
  const Channels x{bursts(48000, 9600), bursts(48000, 9600, 0.03)};
  const Channels first = run(engine, x);
  engine.reset();
  CHECK(run(engine, x, {100}) == first);
  CHECK(engine.latency_samples() == 0);
}

TEST_CASE("Engine with a network: nothing is allocated while knobs and oversampling move", "[engine]") {
  const auto chain = with_network(model("compressor+eq", {{"threshold_db", -30}}), 16);
  plugin::Engine engine(chain);
  engine.prepare(48000, 2);
  Channels audio{bursts(48000, 48000), bursts(48000, 48000, 0.05)};
  auto values = chain.values();
  const std::size_t before = allocation_count();
  bool finite = true;
  for (int from = 0, k = 0; from + 480 <= 48000; from += 480, ++k) {
    plugin::Controls c{.stereo_link = k % 2 * 1.0};
    c.oversampling = k % 30 < 10 ? 1 : k % 30 < 20 ? 2 : 4;
    c.look_ahead_ms = k % 20;
    c.delta = k % 11 == 0;
    values[0] = -40 + k % 20;
    engine.set(c, values);
    double* const block[] = {audio[0].data() + from, audio[1].data() + from};
    engine.process(block, 2, 480);
    for (int t = 0; t < 480; ++t) finite &= std::isfinite(block[0][t]) && std::abs(block[0][t]) < 10;
    if (k == 50) engine.reset();
  }
  CHECK(allocation_count() == before);
  CHECK(finite);
}

TEST_CASE("Engine with a network: one that has no compressor before it, or wrong weights, is refused",
          "[engine]") {
  auto chain = with_network(model("compressor+eq"), 4);
  chain.blocks[1].gru.values.pop_back();
  CHECK_THROWS_AS(plugin::Engine(chain), InputError);
  chain = with_network(model("compressor+eq"), 4);
  std::swap(chain.blocks[1], chain.blocks[2]);
  CHECK_THROWS_AS(plugin::Engine(chain), InputError);
}
