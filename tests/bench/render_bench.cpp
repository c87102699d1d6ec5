#include "tests/bench/bench.h"

#include "dsp/chain/processor.h"
#include "optim/report/table.h"

#include <algorithm>
#include <cstdio>

namespace raphson::bench {
namespace {

using optim::report::Cell, optim::report::Table;

/// g_t = max or min of two affine functions of g_{t-1}: no schedule of the ballistics is faster than this
/// chain of a product, an addition and a choice, with nothing else to do and no memory to touch.
double ballistics_chain(std::size_t samples, double attack, double release) {
  double g = 1;
  const double f = 0.25;
  for (std::size_t t = 0; t < samples; ++t) {
    const double attacked = g + attack * (f - g), released = g + release * (f - g);
    g = attacked < released ? attacked : released;
    asm volatile("" : "+x"(g)); // one step after the other, as data would make it
  }
  return g;
}

} // namespace

int render(const Options& options) {
  constexpr double seconds = 600, sample_rate = 44100;
  const Programme recording = programme(60, sample_rate);
  std::vector<float> in(static_cast<std::size_t>(seconds * sample_rate)), out(in.size());
  for (std::size_t t = 0; t < in.size(); ++t) in[t] = recording.dry[t % recording.dry.size()];

  Table table{{{"600 s of one channel at 44.1 kHz, one core"},
               {"x real time"},
               {"ns/sample"},
               {"median"},
               {"x the floor's time"}},
              {}};
  double floor = 0;
  const auto row = [&](const char* name, const std::function<void()>& call) {
    const Timing t = time_calls(5, call);
    if (floor == 0) floor = t.best;
    const auto samples = static_cast<double>(in.size());
    table.rows.push_back({name, Cell::fixed(seconds / t.best, 0), Cell::fixed(1e9 * t.best / samples, 2),
                          Cell::fixed(1e9 * t.median / samples, 2), Cell::fixed(t.best / floor, 1)});
  };
  volatile float gain = 0.7f;
  row("floor: y = a x, bound by memory", [&] {
    const float a = gain;
    for (std::size_t t = 0; t < in.size(); ++t) out[t] = a * in[t];
    use(out[12345]);
  });
  row("floor: the recursion alone, bound by its latency",
      [&] { use(ballistics_chain(in.size(), 0.01, 0.0003)); });
  for (const char* model : {"compressor", "compressor+eq", "eq"}) {
    dsp::ChainSettings chain = dsp::parse_chain(model);
    if (chain.blocks[0].type == dsp::BlockType::compressor) chain.blocks[0].values[0] = -30;
    dsp::ChainProcessor processor(chain, sample_rate);
    row(model, [&] { processor.process(in, std::span<float>(out)); });
  }
  std::printf("%s", shown(table, options).c_str());
  return 0;
}

} // namespace raphson::bench
