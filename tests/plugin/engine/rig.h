// What tests of the engine share: signals, an engine run in blocks of given sizes, and levels of differences.
#pragma once

#include "dsp/chain/processor.h"
#include "optim/data/audio_file.h"
#include "plugin/engine/engine.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <initializer_list>
#include <numbers>
#include <string>
#include <utility>
#include <vector>

namespace raphson::test {

using Signal = std::vector<double>;
using Channels = std::vector<Signal>;

inline optim::data::Audio recording(const std::string& name) {
  return optim::data::read_audio(std::string(RAPHSON_SOURCE_DIR) + "/assets/recordings/" + name);
}

inline Signal sine(double hz, double amplitude, double rate, std::size_t count) {
  Signal x(count);
  for (std::size_t t = 0; t < count; ++t)
    x[t] = amplitude * std::sin(2 * std::numbers::pi * hz * static_cast<double>(t) / rate);
  return x;
}

/// Bursts of two tones with pauses, as loud as 0.8: something for a compressor to do.
inline Signal bursts(double rate, std::size_t count, double phase = 0) {
  Signal x(count);
  for (std::size_t t = 0; t < count; ++t) {
    const double s = static_cast<double>(t) / rate, level = std::fmod(s + phase, 0.2) < 0.09 ? 0.6 : 0.03;
    x[t] = level
           * (std::sin(2 * std::numbers::pi * 220 * s + phase)
              + 0.33 * std::sin(2 * std::numbers::pi * 3100 * s));
  }
  return x;
}

/// A model by its name, with some values changed.
inline dsp::ChainSettings model(const std::string& chain,
                                std::initializer_list<std::pair<const char*, double>> changed = {}) {
  dsp::ChainSettings settings = dsp::parse_chain(chain);
  std::vector<double> values = settings.values();
  for (const auto& [name, value] : changed) values[settings.index(name)] = value;
  settings.set_values(values);
  return settings;
}

/// A compressor that is busy with bursts(): -30 dB, 4:1, 2 ms, 80 ms.
inline dsp::ChainSettings busy_compressor() {
  return model("compressor", {{"threshold_db", -30}, {"attack_ms", 2}, {"release_ms", 80}});
}

/// Calls `before(sample)` in front of each block, which may set the engine's values; block sizes go round.
/// Returns what comes out, in double.
inline Channels run(plugin::Engine& engine, Channels audio, std::vector<int> blocks = {64},
                    const Channels& sidechain = {}, const std::function<void(int)>& before = {}) {
  const int total = static_cast<int>(audio.front().size());
  for (int from = 0, k = 0; from < total; ++k) {
    const int count = std::min(blocks[static_cast<std::size_t>(k) % blocks.size()], total - from);
    std::vector<double*> out;
    std::vector<const double*> side;
    for (Signal& channel : audio) out.push_back(channel.data() + from);
    for (const Signal& channel : sidechain) side.push_back(channel.data() + from);
    if (before) before(from);
    engine.process(out.data(), static_cast<int>(out.size()), count, side.empty() ? nullptr : side.data(),
                   static_cast<int>(side.size()));
    from += count;
  }
  return audio;
}

/// The same on a new engine at 48 kHz with values that stand.
inline Channels run(const dsp::ChainSettings& chain, const plugin::Controls& controls, const Channels& audio,
                    const Channels& sidechain = {}) {
  plugin::Engine engine(chain);
  engine.prepare(48000, static_cast<int>(audio.size()));
  engine.set(controls, chain.values());
  return run(engine, audio, {64}, sidechain);
}

/// x, later by `samples`.
inline Signal delayed(const Signal& x, std::size_t samples) {
  Signal y(x.size());
  std::copy(x.begin(), x.end() - static_cast<std::ptrdiff_t>(std::min(samples, x.size())),
            y.begin() + static_cast<std::ptrdiff_t>(std::min(samples, x.size())));
  return y;
}

/// The greatest difference from sample `from` on.
inline double furthest(const Signal& a, const Signal& b, std::size_t from = 0) {
  double most = a.size() == b.size() ? 0 : 1e9;
  for (std::size_t t = from; t < std::min(a.size(), b.size()); ++t)
    most = std::max(most, std::abs(a[t] - b[t]));
  return most;
}

/// The greatest step from one sample to the next: what a click has more of than what it interrupts.
inline double greatest_step(const Signal& x, std::size_t from = 0, std::size_t to = SIZE_MAX) {
  double most = 0;
  for (std::size_t t = from + 1; t < std::min(to, x.size()); ++t)
    most = std::max(most, std::abs(x[t] - x[t - 1]));
  return most;
}

inline double decibels(double amplitude) { return 20 * std::log10(std::max(amplitude, 1e-20)); }

} // namespace raphson::test
