#include "tests/bench/bench.h"

#include "optim/engine/random.h"
#include "optim/report/table.h"
#include "tests/bench/multiply_adds.h"
#include "tests/plugin/engine/aliasing.h"
#ifdef RAPHSON_BENCH_JUCE
#include "tests/bench/juce/juce_compressor.h"
#endif

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <string>

namespace raphson::bench {
namespace {

using optim::report::Cell, optim::report::Table;
using plugin::Controls, plugin::Engine;

constexpr double sample_rate = 48000;

/// What no engine is faster than: one step a frame of g = min of two affine functions of g
/// (render_bench.cpp).
double recursion(std::size_t frames, double attack, double release) {
  double g = 1;
  const double f = 0.25, keep_attack = 1 - attack, keep_release = 1 - release;
  for (std::size_t t = 0; t < frames; ++t) {
    const double attacked = keep_attack * g + attack * f, released = keep_release * g + release * f;
    g = attacked < released ? attacked : released;
    asm volatile("" : "+x"(g));
  }
  return g;
}

dsp::ChainSettings model(const char* name) {
  dsp::ChainSettings chain = dsp::parse_chain(name);
  auto values = chain.values();
  for (std::size_t i = 0; i < values.size(); ++i)
    if (chain.name(i) == "threshold_db") values[i] = -30;
  chain.set_values(values);
  return chain;
}

/// Plays `frames` of stereo through an engine in blocks, as a host does.
void play(Engine& engine, const Controls& controls, std::span<const double> values,
          const Programme& recording, std::vector<float> (&audio)[2], std::size_t frames, std::size_t block) {
  for (std::size_t from = 0; from < frames; from += block) {
    for (std::size_t c = 0; c < 2; ++c)
      std::copy_n((c == 0 ? recording.dry : recording.wet).begin() + static_cast<std::ptrdiff_t>(from), block,
                  audio[c].begin());
    engine.set(controls, values);
    float* const channels[] = {audio[0].data(), audio[1].data()};
    engine.process(channels, 2, static_cast<int>(block));
  }
  use(static_cast<double>(audio[0][0]));
}

void speed(const Programme& recording, const Options& options) {
  Table table{{{"stereo float at 48 kHz, one core"},
               {"block"},
               {"ns/frame"},
               {"median"},
               {"x the recursion's time"},
               {"100 of them, % of real time"}},
              {}};
  constexpr std::size_t frames = 16 * 1024; // short enough to be undisturbed now and then
  double floor = 0;
  const auto row = [&](const std::string& name, const std::string& block, const std::function<void()>& call) {
    const Timing t = time_calls(200, call);
    if (floor == 0) floor = t.best;
    table.rows.push_back({name, block, Cell::fixed(1e9 * t.best / frames, 2),
                          Cell::fixed(1e9 * t.median / frames, 2), Cell::fixed(t.best / floor, 1),
                          Cell::fixed(100 * 100 * t.best * sample_rate / frames, 1)});
  };
  row("floor: one recursion, bound by its latency", "", [&] { use(recursion(frames, 0.01, 0.0003)); });
  struct Case {
    const char* name;
    const char* chain;
    Controls controls;
  };
  const Case cases[] = {
      {"compressor", "compressor", {}},
      {"compressor, linked", "compressor", {.stereo_link = 1}},
      {"compressor, mix 50 %", "compressor", {.mix = 0.5}},
      {"compressor 2x", "compressor", {.oversampling = 2}},
      {"compressor 4x", "compressor", {.oversampling = 4}},
      {"eq", "eq", {}},
      {"compressor+eq", "compressor+eq", {}},
  };
  for (const Case& c : cases)
    for (const std::size_t block : {std::size_t{64}, std::size_t{512}}) {
      const auto chain = model(c.chain);
      const auto values = chain.values();
      Engine engine(chain);
      engine.prepare(sample_rate, 2);
      std::vector<float> audio[2]{std::vector<float>(block), std::vector<float>(block)};
      row(c.name, std::to_string(block),
          [&] { play(engine, c.controls, values, recording, audio, frames, block); });
    }
#ifdef RAPHSON_BENCH_JUCE
  for (const std::size_t block : {std::size_t{64}, std::size_t{512}}) {
    JuceCompressor rival(sample_rate, static_cast<int>(block), -30, 4, 5, 200);
    std::vector<float> audio[2]{std::vector<float>(block), std::vector<float>(block)};
    row("juce::dsp::Compressor", std::to_string(block), [&] {
      for (std::size_t from = 0; from < frames; from += block) {
        for (std::size_t c = 0; c < 2; ++c)
          std::copy_n((c == 0 ? recording.dry : recording.wet).begin() + static_cast<std::ptrdiff_t>(from),
                      block, audio[c].begin());
        rival.process(audio[0].data(), audio[1].data(), static_cast<int>(block));
      }
      use(static_cast<double>(audio[0][0]));
    });
  }
#endif
  std::printf("%s\n", shown(table, options).c_str());
}

/// The compressor with a network of so many units that corrects its gain.
dsp::ChainSettings with_network(int units) {
  dsp::ChainSettings chain = model("compressor");
  if (units == 0) return chain;
  dsp::GruWeights weights{units, sample_rate, std::vector<float>(dsp::GruWeights::count(units))};
  optim::RandomStream stream(1, "bench weights");
  const double range = 1 / std::sqrt(units);
  for (float& w : weights.values) w = static_cast<float>(stream.uniform(-range, range));
  chain.blocks.push_back({dsp::BlockType::gru_makeup, {}, {}, weights});
  return chain;
}

/// What a network costs beside the plain compressor, measured in turns in one process, and its floor: the
/// multiply-adds of its weights for two channels, as many a second as the machine has.
void networks(const Programme& recording, const Options& options) {
  Table table{{{"compressor with a network, stereo float at 48 kHz, 64 samples a block"},
               {"ns/frame"},
               {"x the compressor's"},
               {"floor: its multiply-adds, ns/frame"}},
              {}};
  constexpr std::size_t frames = 16 * 1024, block = 64;
  const int lanes = dsp::lane_count<float>(dsp::detect_isa());
  double plain = 0;
  for (const int units : {0, 8, 16, 32, 64}) {
    const auto chain = with_network(units);
    const auto values = chain.values();
    Engine engine(chain);
    engine.prepare(sample_rate, 2);
    std::vector<float> audio[2]{std::vector<float>(block), std::vector<float>(block)};
    const Timing t = time_calls(100, [&] { play(engine, {}, values, recording, audio, frames, block); });
    if (units == 0) plain = t.best;
    const std::size_t registers = static_cast<std::size_t>((units + lanes - 1) / lanes) * 2 * 3
                                  * static_cast<std::size_t>(units + dsp::GruWeights::inputs);
    const Timing floor =
        time_calls(20, [&] { use(static_cast<double>(multiply_adds()(units ? registers * frames : 1))); });
    table.rows.push_back({units ? std::to_string(units) + " units" : "none",
                          Cell::fixed(1e9 * t.best / frames, 1), Cell::fixed(t.best / plain, 1),
                          units ? Cell::fixed(1e9 * floor.best / frames, 1) : Cell("")});
  }
  std::printf("%s\n", shown(table, options).c_str());
}

/// What a structure or a feature of dynamics, and each other block, costs beside the plain compressor.
void blocks(const Programme& recording, const Options& options) {
  Table table{{{"The plugin's cost with each block added; stereo float at 48 kHz, 64 samples"},
               {"ns/frame"},
               {"x the plain compressor's"}},
              {}};
  constexpr std::size_t frames = 16 * 1024, block = 64;
  double plain = 0;
  for (const char* name : {"compressor",
                           "dynamics",
                           "dynamics[gain-db]",
                           "dynamics[level]",
                           "dynamics[power]",
                           "dynamics[level-db]",
                           "dynamics[branching]",
                           "dynamics[smooth-decoupled]",
                           "dynamics[decoupled]",
                           "dynamics[feedback]",
                           "dynamics[gain-db,feedback]",
                           "dynamics[knee]",
                           "dynamics[rms]",
                           "dynamics[hold]",
                           "dynamics[memory]",
                           "dynamics[smoothing]",
                           "dynamics[sidechain]",
                           "dynamics[gain-db,knee,rms,hold,memory,smoothing,sidechain]",
                           "compressor+saturation",
                           "compressor+eq",
                           "eq+compressor+eq"}) {
    const auto chain = model(name);
    const auto values = chain.values();
    Engine engine(chain);
    engine.prepare(sample_rate, 2);
    std::vector<float> audio[2]{std::vector<float>(block), std::vector<float>(block)};
    const Timing t = time_calls(100, [&] { play(engine, {}, values, recording, audio, frames, block); });
    if (plain == 0) plain = t.best;
    table.rows.push_back({name, Cell::fixed(1e9 * t.best / frames, 2), Cell::fixed(t.best / plain, 1)});
  }
  std::printf("%s\n", shown(table, options).c_str());
}

/// 100 engines in turn, a block each, as a session of 100 tracks: their states do not all stay in the cache.
void session(const Programme& recording) {
  constexpr std::size_t count = 100, block = 64, blocks = 75; // a tenth of a second
  const auto chain = model("compressor");
  const auto values = chain.values();
  std::vector<Engine> engines;
  for (std::size_t i = 0; i < count; ++i) engines.emplace_back(chain).prepare(sample_rate, 2);
  std::vector<float> audio[2]{std::vector<float>(block), std::vector<float>(block)};
  const Timing t = time_calls(40, [&] {
    for (std::size_t k = 0; k < blocks; ++k)
      for (Engine& engine : engines) {
        for (std::size_t c = 0; c < 2; ++c)
          std::copy_n((c == 0 ? recording.dry : recording.wet).begin()
                          + static_cast<std::ptrdiff_t>(k * block),
                      block, audio[c].begin());
        engine.set({}, values);
        float* const channels[] = {audio[0].data(), audio[1].data()};
        engine.process(channels, 2, block);
      }
  });
  std::printf("100 stereo compressors in turn at 48 kHz, 64 samples a block: %.1f %% of one core\n\n",
              100 * t.best / 0.1);
}

void aliasing(const Options& options) {
  Table table{{{"aliasing of a tone, -20 dB 4:1 0.1 ms 1 ms, dB below the output"}, {"1x"}, {"2x"}, {"4x"}},
              {}};
  for (const double hz : {1000.0, 3000.0, 5900.0, 9000.0}) {
    std::vector<Cell> row{std::to_string(static_cast<int>(hz)) + " Hz"};
    for (const int factor : {1, 2, 4}) row.push_back(Cell::fixed(test::aliasing_db(factor, hz), 1));
    table.rows.push_back(row);
  }
  std::printf("%s", shown(table, options).c_str());
}

} // namespace

int plugin(const Options& options) {
  const Programme recording = programme(1, sample_rate);
  speed(recording, options);
  networks(recording, options);
  blocks(recording, options);
  session(recording);
  aliasing(options);
  return 0;
}

} // namespace raphson::bench
