#include "tests/bench/bench.h"

#include "optim/data/audio_file.h"
#include "tests/host/lv2_host.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstdlib>

namespace raphson::bench {
namespace {

using host::Lv2Host;
using optim::report::Cell, optim::report::Table;

constexpr double sample_rate = 48000;
using Stereo = std::vector<std::vector<float>>;

struct Rival {
  const char* name;
  const char* uri;
  std::vector<std::pair<const char*, float>> controls; ///< some -30 dB, 4:1, as each plugin says it
};

const std::vector<Rival> rivals{
    {"Raphson", "https://raphson.invalid/plugin", {}}, // the LA-2A at Peak Reduction 70
    {"x42 darc", "http://gareus.org/oss/lv2/darc#stereo", {{"threshold", -30}, {"Ratio", 0.75f}}},
    {"ZamCompX2", "urn:zamaudio:ZamCompX2", {{"thr", -30}, {"rat", 4}}},
    {"Calf Compressor",
     "http://calf.sourceforge.net/plugins/Compressor",
     {{"threshold", 0.0316f}, {"ratio", 4}, {"bypass", 0}}},
    {"LSP Compressor Stereo",
     "http://lsp-plug.in/plugins/lv2/compressor_stereo",
     {{"al", 0.0316f}, {"cr", 4}, {"enabled", 1}}},
};

Stereo recording() {
  std::vector<float> left =
      optim::data::read_audio(std::string(RAPHSON_SOURCE_DIR) + "/assets/recordings/la2a-dry.flac")
          .channels[0];
  left.resize(3 * 48000);
  return {left, {left.rbegin(), left.rend()}};
}

double level_db(const Stereo& audio) {
  double energy = 0;
  for (const auto& channel : audio)
    for (const float x : channel) energy += double(x) * double(x);
  return 10 * std::log10(energy / static_cast<double>(2 * audio[0].size()));
}

/// Whole blocks alone.
void play(Lv2Host& plugin, const Stereo& in, Stereo& out, std::size_t block) {
  for (std::size_t from = 0; from + block <= in[0].size(); from += block)
    plugin.process({&in[0][from], &in[1][from]}, {&out[0][from], &out[1][from]},
                   static_cast<std::uint32_t>(block));
}

/// From nothing to the first block of sound, the second time on: the first one loads the library.
void first_sound(const Stereo& in) {
  Stereo out = in;
  const auto start = [&] {
    Lv2Host plugin(rivals[0].uri, sample_rate, 64);
    plugin.process({&in[0][0], &in[1][0]}, {&out[0][0], &out[1][0]}, 64);
  };
  const auto began = std::chrono::steady_clock::now();
  start();
  const std::chrono::duration<double> first = std::chrono::steady_clock::now() - began;
  const Timing t = time_calls(20, start);
  Lv2Host plugin(rivals[0].uri, sample_rate, 64);
  const std::size_t state_bytes = plugin.save_state().size();
  std::printf(
      "From instantiation to the first block of sound: %.1f ms the first time, with the library and the "
      "host's\nlist of plugins, then %.2f ms (median %.2f). Its state: %.1f KB.\n\n",
      1e3 * first.count(), 1e3 * t.best, 1e3 * t.median, static_cast<double>(state_bytes) / 1024);
}

} // namespace

int hosts(const Options& options) {
  setenv("LV2_PATH", RAPHSON_LV2_FOLDER ":/usr/lib/lv2:/usr/local/lib/lv2", 1);
  const Stereo in = recording();
  Stereo out = in;
  first_sound(in);
  Table table{
      {{"LV2, stereo at 48 kHz"}, {"block"}, {"ns/frame"}, {"median"}, {"x Raphson"}, {"out - in (dB)"}}, {}};
  for (const std::size_t block : {std::size_t{64}, std::size_t{512}}) {
    double ours = 0;
    for (const Rival& rival : rivals) {
      std::optional<Lv2Host> plugin;
      try {
        plugin.emplace(rival.uri, sample_rate, static_cast<std::uint32_t>(block));
      } catch (const std::runtime_error& error) {
        std::fprintf(stderr, "raphson_bench: left out: %s\n", error.what());
        continue;
      }
      for (const auto& [symbol, value] : rival.controls) plugin->set_control(symbol, value);
      const Timing t = time_calls(21, [&] { play(*plugin, in, out, block); });
      const auto frames = static_cast<double>(in[0].size() / block * block);
      if (ours == 0) ours = t.best;
      table.rows.push_back({rival.name, block, Cell::fixed(1e9 * t.best / frames, 1),
                            Cell::fixed(1e9 * t.median / frames, 1), Cell::fixed(t.best / ours, 2),
                            Cell::fixed(level_db(out) - level_db(in), 1)});
    }
  }
  std::printf("Each plugin in the same host (tests/host/lv2_host.h), its time and the host's together.\n\n%s",
              shown(table, options).c_str());
  return 0;
}

} // namespace raphson::bench
