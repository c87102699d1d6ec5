// A program that links Raphson: it fits a compressor to a recording before and after a unit, then plays
// another recording through the fit. With recordings of yours, data::read_audio("dry.wav") takes the place of
// bursts(). docs/building.md says how it is built against an installed copy.
//
// prints: threshold -24.0 dB, ratio 4.0:1, attack 5.0 ms, release 150.0 ms, make-up 6.0 dB
// prints: the clone of what it has not heard: ESR below 1e-9
#include "dsp/chain/processor.h"
#include "dsp/measure/esr.h"
#include "optim/engine/random.h"
#include "optim/match/match.h"

#include <cstdio>

using namespace raphson;

/// Bursts of noise, a quarter of a second each, at levels that differ.
optim::data::Audio bursts(std::uint64_t seed, double seconds) {
  optim::RandomStream noise(seed, "noise"), levels(seed, "levels");
  optim::data::Audio audio{48000, {std::vector<float>(static_cast<std::size_t>(seconds * 48000))}};
  double level = 0;
  for (std::size_t n = 0; n < audio.frames(); ++n) {
    if (n % 12000 == 0) level = levels.uniform(0.005, 0.2);
    audio.channels[0][n] = static_cast<float>(level * noise.normal());
  }
  return audio;
}

optim::data::Audio render(const dsp::ChainSettings& chain, const optim::data::Audio& in) {
  optim::data::Audio out = in;
  dsp::ChainProcessor(chain, in.sample_rate).process(in.channels[0], std::span(out.channels[0]));
  return out;
}

int main() {
  dsp::ChainSettings unit = dsp::parse_chain("compressor"); // stands for the hardware
  std::vector<double> knobs = unit.values();
  knobs[unit.index("threshold_db")] = -24;
  knobs[unit.index("ratio")] = 4;
  knobs[unit.index("attack_ms")] = 5;
  knobs[unit.index("release_ms")] = 150;
  knobs[unit.index("makeup_db")] = 6;
  unit.set_values(knobs);
  const optim::data::Audio dry = bursts(1, 4);

  optim::match::MatchOptions options; // a compressor, three starts
  options.held_out = false;
  const dsp::ChainSettings clone = optim::match::match(dry, render(unit, dry), options).chain;

  const auto value = [&](const char* name) { return clone.values()[clone.index(name)]; };
  std::printf("threshold %.1f dB, ratio %.1f:1, attack %.1f ms, release %.1f ms, make-up %.1f dB\n",
              value("threshold_db"), value("ratio"), value("attack_ms"), value("release_ms"),
              value("makeup_db"));

  const optim::data::Audio other = bursts(2, 4);
  const double esr = dsp::esr(render(clone, other).channels[0], render(unit, other).channels[0]);
  std::printf("the clone of what it has not heard: ESR %s\n", esr < 1e-9 ? "below 1e-9" : "too high");
}
