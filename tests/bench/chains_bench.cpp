#include "tests/bench/bench.h"

#include "optim/match/chain_fit.h"
#include "optim/match/chain_objective.h"
#include "optim/report/table.h"

#include <cstdio>

namespace raphson::bench {
namespace {

using namespace optim::match;
using optim::Matrix, optim::Vector;
using optim::report::Cell, optim::report::Table;

/// A chunk of its own for every lane that the machine has, so that nothing is cut or settles.
std::vector<ChunkView> chunks_of(const Programme& recording, std::size_t count) {
  std::vector<ChunkView> chunks;
  const std::size_t length = recording.dry.size() / count;
  for (std::size_t k = 0; k < count; ++k)
    chunks.push_back({recording.dry.data() + k * length, recording.wet.data() + k * length, length, 0});
  return chunks;
}

} // namespace

int chains(const Options& options) {
  constexpr double sample_rate = 48000;
  constexpr std::size_t lanes = 8;
  const Programme recording = programme(8, sample_rate);
  Table table{{{"chain, 8 s of audio, one core"},
               {"parameters"},
               {"loss, ns/sample"},
               {"Gauss-Newton, ns/sample"},
               {"x the loss"},
               {"of one chunk alone, ns/sample"},
               {"x in lanes"}},
              {}};
  for (const char* model :
       {"dynamics[knee]", "dynamics[level-db,knee,smoothing]", "dynamics[power,feedback,knee,memory]",
        "compressor+eq", "dynamics[power,knee,memory]+eq", "eq+dynamics[power,knee,memory]+eq"}) {
    const dsp::ChainSettings chain = dsp::parse_chain(model);
    const auto free = fitted_parameters(chain);
    ObjectiveOptions together;
    together.chunks.warm_up_seconds = 1; // as long as the chunks: cutting them would not pay
    const ChainObjective in_lanes(chunks_of(recording, lanes), sample_rate, chain, free, Mode::forward,
                                  together);
    const Vector z = in_lanes.unconstrained(chain);
    Vector gradient;
    Matrix jtj;
    const auto samples = static_cast<double>(recording.dry.size());
    const auto cost = [&](const std::function<void()>& call) {
      return 1e9 * time_calls(5, call).best / samples;
    };
    const double value = cost([&] { use(in_lanes.value(z)); });
    const double gauss_newton =
        cost([&] { use(in_lanes.value_gradient_and_gauss_newton(z, gradient, jtj)); });
    double alone = 0;
    for (const ChunkView& chunk : chunks_of(recording, lanes)) {
      const ChainObjective one({chunk}, sample_rate, chain, free, Mode::forward, together);
      alone += cost([&] { use(one.value_gradient_and_gauss_newton(z, gradient, jtj)); });
    }
    table.rows.push_back({model, free.size(), Cell::fixed(value, 1), Cell::fixed(gauss_newton, 1),
                          Cell::fixed(gauss_newton / value, 1), Cell::fixed(alone, 1),
                          Cell::fixed(alone / gauss_newton, 1)});
  }
  std::printf("%s", shown(table, options).c_str());
  return 0;
}

} // namespace raphson::bench
