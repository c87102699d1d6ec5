#include "tests/bench/bench.h"

#include "optim/data/audio_file.h"
#include "optim/engine/parallel.h"
#include "optim/match/compressor_pass.h"
#include "optim/match/hessian_strategies.h"
#include "optim/report/table.h"
#include "tests/bench/scalar_reference.h"

#include <algorithm>
#include <cmath>
#include <cstdio>

namespace raphson::bench {
namespace {

using namespace optim;
using namespace optim::match;
using report::Cell, report::Table;

constexpr double pole = 0.995, sample_rate = 44100;
constexpr double reference_coordinates[] = {coordinates_of_bench.log_threshold, coordinates_of_bench.slope,
                                            coordinates_of_bench.attack, coordinates_of_bench.release,
                                            coordinates_of_bench.log_makeup};

/// Our forward pass: the loss alone.
double forward_pass(std::span<const ChunkView> chunks, std::size_t threads, dsp::Isa isa) {
  const CompressorKernel& kernel = compressor_kernel(isa);
  const auto lanes = static_cast<std::size_t>(kernel.lanes);
  std::vector<double> losses((chunks.size() + lanes - 1) / lanes);
  parallel_for(losses.size(), threads, [&](std::size_t group, std::size_t) {
    const std::size_t first = group * lanes;
    losses[group] = kernel.value(&chunks[first], static_cast<int>(std::min(lanes, chunks.size() - first)),
                                 coordinates_of_bench, pole);
  });
  double loss = 0;
  for (const double part : losses) loss += part;
  return loss;
}

/// The kernel in single precision.
LossDerivatives single_pass(std::span<const ChunkView> chunks, std::size_t threads, dsp::Isa isa) {
  const CompressorKernel& kernel = compressor_kernel(isa);
  const auto lanes = static_cast<std::size_t>(kernel.single_lanes);
  std::vector<LossDerivatives> parts((chunks.size() + lanes - 1) / lanes);
  parallel_for(parts.size(), threads, [&](std::size_t group, std::size_t) {
    const std::size_t first = group * lanes;
    kernel.single_hessian(&chunks[first], static_cast<int>(std::min(lanes, chunks.size() - first)),
                          coordinates_of_bench, pole, parts[group]);
  });
  for (std::size_t group = 1; group < parts.size(); ++group)
    for (int p = 0; p < 15; ++p) {
      parts[0].gauss_newton[p] += parts[group].gauss_newton[p];
      parts[0].curvature[p] += parts[group].curvature[p];
    }
  return parts[0];
}

/// The largest error of an entry relative to sqrt(H_ii H_jj).
double error_of(const std::array<double, 15>& hessian, const std::array<double, 15>& exact) {
  double error = 0;
  for (int i = 0, p = 0; i < 5; ++i)
    for (int j = 0; j <= i; ++j, ++p)
      error =
          std::max(error, std::abs(hessian[p] - exact[p])
                              / std::sqrt(std::abs(exact[packed_index(i, i)] * exact[packed_index(j, j)])));
  return error;
}

/// Jets in plain doubles, the slowest and plainest.
std::array<double, 15> exact_hessian(std::span<const ChunkView> chunks) {
  using J = Jet<double, 5, 2>;
  std::array<J, 5> k;
  for (int i = 0; i < 5; ++i) k[i] = J::variable(reference_coordinates[i], i);
  std::array<double, 15> hessian{};
  for (const ChunkView& chunk : chunks) {
    const J loss = CompressorPass<J>(ChunkLanes<double>(&chunk, 1), k, pole).loss();
    for (int p = 0; p < 15; ++p) hessian[p] += loss.h[p];
  }
  return hessian;
}

std::size_t samples_of(std::span<const ChunkView> chunks) {
  std::size_t samples = 0;
  for (const ChunkView& chunk : chunks) samples += chunk.count;
  return samples;
}

void strategies(std::span<const ChunkView> chunks, const Options& options) {
  const auto samples = static_cast<double>(samples_of(chunks));
  const std::array<double, 15> exact = exact_hessian(chunks);
  const Timing forward = time_calls(9, [&] { use(forward_pass(chunks, 1, dsp::detect_isa())); });
  Table table{{{"strategy"},
               {"ns/sample"},
               {"median"},
               {"x forward pass"},
               {"memory (MB)"},
               {"bytes/sample in flight"},
               {"error of the Hessian"}},
              {}};
  const auto per_sample = [&](double seconds) { return Cell::fixed(1e9 * seconds / samples, 2); };
  table.rows.push_back({"forward pass, loss only", per_sample(forward.best), per_sample(forward.median),
                        Cell::fixed(1, 1), Cell::fixed(0, 1), Cell::fixed(0, 1), "-"});
  const std::size_t in_flight =
      chunks[0].count * static_cast<std::size_t>(compressor_kernel().lanes); // on one thread
  for (const HessianStrategy strategy : hessian_strategies) {
    SecondOrder result;
    const auto call = [&] { result = evaluate(strategy, chunks, coordinates_of_bench, pole, 1); };
    const Timing timing = time_calls(5, call);
    const auto bytes = static_cast<double>(peak_allocation(call));
    const bool has_hessian = strategy != HessianStrategy::adjoint_gradient;
    table.rows.push_back({to_string(strategy), per_sample(timing.best), per_sample(timing.median),
                          Cell::fixed(timing.best / forward.best, 1), Cell::fixed(bytes / 1e6, 1),
                          Cell::fixed(bytes / static_cast<double>(in_flight), 1),
                          has_hessian ? Cell::significant(error_of(result.hessian, exact), 2) : Cell("-")});
  }
  LossDerivatives single;
  const Timing single_timing = time_calls(5, [&] { single = single_pass(chunks, 1, dsp::detect_isa()); });
  for (int p = 0; p < 15; ++p) single.gauss_newton[p] += single.curvature[p];
  table.rows.push_back({"forward, by hand, single precision", per_sample(single_timing.best),
                        per_sample(single_timing.median), Cell::fixed(single_timing.best / forward.best, 1),
                        Cell::fixed(0, 1), Cell::fixed(0, 1),
                        Cell::significant(error_of(single.gauss_newton, exact), 2)});
  HessianProduct product;
  const auto call = [&] {
    product = hessian_product(chunks, coordinates_of_bench, {1, 0, 0, 0, 0}, pole, 1);
  };
  const Timing timing = time_calls(5, call);
  const auto bytes = static_cast<double>(peak_allocation(call));
  table.rows.push_back({"one Hessian-vector product", per_sample(timing.best), per_sample(timing.median),
                        Cell::fixed(timing.best / forward.best, 1), Cell::fixed(bytes / 1e6, 1),
                        Cell::fixed(bytes / static_cast<double>(in_flight), 1), "-"});
  std::printf("Strategies, one thread, %s, %zu chunks of 12 s\n"
              "(error: against Jets in plain doubles, relative to sqrt(H_ii H_jj); the adjoint's gradient is "
              "without Hessian)\n\n%s\n",
              dsp::to_string(dsp::detect_isa()), chunks.size(), shown(table, options).c_str());
}

/// The share of samples above the threshold, each of which costs the reference an exponential. The kernel
/// always takes it.
double share_above_threshold(const Programme& recording) {
  const auto above = std::count_if(recording.dry.begin(), recording.dry.end(), [](float x) {
    return std::abs(x) > std::exp(coordinates_of_bench.log_threshold);
  });
  return static_cast<double>(above) / static_cast<double>(recording.dry.size());
}

void headline(const char* name, const Programme& recording, std::span<const ChunkView> chunks,
              const Options& options) {
  ReferenceSums sums;
  const auto reference = [&](Reference& compute) {
    return time_calls(3, [&] {
      compute(recording.dry.data(), recording.wet.data(), recording.dry.size(), reference_coordinates, pole,
              sums);
      use(sums.hessian[3]);
    });
  };
  const Timing scalar = reference(scalar_reference), vectorised = reference(autovectorised_reference);
  const auto frames = static_cast<double>(recording.dry.size());
  Table table{{{"value, gradient and Hessian"},
               {"threads"},
               {"Msamples/s"},
               {"x scalar"},
               {"by medians"},
               {"by CPU time"},
               {"x forward"}},
              {}};
  const auto row = [&](const std::string& label, int threads, Timing t, double forward) {
    table.rows.push_back({label, threads, Cell::fixed(frames / t.best / 1e6, 1),
                          Cell::fixed(scalar.best / t.best, 1), Cell::fixed(scalar.median / t.median, 1),
                          Cell::fixed(threads * scalar.cpu / t.cpu, 1),
                          forward > 0 ? Cell::fixed(t.best / forward, 2) : Cell("-")});
  };
  row("scalar reference, -O2, no vectoriser", 1, scalar, 0);
  row("the same at -O3", 1, vectorised, 0);
  if (dsp::detect_isa() >= dsp::Isa::avx2)
    row("the same at -O3 -mavx2 -mfma", 1, reference(avx2_reference), 0);
  for (const dsp::Isa isa : {dsp::Isa::baseline, dsp::Isa::avx2, dsp::Isa::avx512}) {
    if (isa > dsp::detect_isa()) continue;
    for (const std::size_t threads : {1u, 2u}) {
      const Timing forward = time_calls(9, [&] { use(forward_pass(chunks, threads, isa)); });
      const Timing ours = time_calls(9, [&] {
        use(evaluate(HessianStrategy::forward, chunks, coordinates_of_bench, pole, threads, isa).hessian[3]);
      });
      row(std::string("kernel, ") + dsp::to_string(isa), static_cast<int>(threads), ours, forward.best);
      const Timing single = time_calls(9, [&] { use(single_pass(chunks, threads, isa).gauss_newton[3]); });
      row(std::string("kernel, single precision, ") + dsp::to_string(isa), static_cast<int>(threads), single,
          forward.best);
    }
  }
  std::printf("%s: %.0f s at 44.1 kHz, %.0f%% of the samples above the threshold.\n\n%s\n", name,
              frames / sample_rate, 100 * share_above_threshold(recording), shown(table, options).c_str());
}

/// Chunks of one length, so that every lane is full and all strategies do the same work.
std::vector<ChunkView> chunks_of(const Programme& recording) {
  std::vector<ChunkView> chunks;
  constexpr std::size_t length = 12 * 44100, warm_up = 44100;
  for (std::size_t from = 0; from + length <= recording.dry.size(); from += length - warm_up)
    chunks.push_back({&recording.dry[from], &recording.wet[from], length, from == 0 ? 0 : warm_up});
  return chunks;
}

/// The LA-2A's recordings over and over.
Programme recorded(double seconds) {
  const std::string folder = std::string(RAPHSON_SOURCE_DIR) + "/assets/recordings/la2a-";
  const auto dry = data::read_audio(folder + "dry.flac").channels[0];
  const auto wet = data::read_audio(folder + "wet.flac").channels[0];
  Programme p;
  for (std::size_t t = 0; t < static_cast<std::size_t>(seconds * sample_rate); ++t) {
    p.dry.push_back(dry[t % dry.size()]);
    p.wet.push_back(wet[t % wet.size()]);
  }
  return p;
}

} // namespace

int hessian(const Options& options) {
  const double seconds = 32 * 11 + 1; // two registers of floats, a chunk a lane
  const Programme synthetic = programme(seconds, sample_rate);
  const std::vector<ChunkView> chunks = chunks_of(synthetic);
  strategies(std::span(chunks).first(16), options);
  std::printf(
      "The reference plays a recording whole, the kernel in 32 chunks of 12 s that overlap by 1 s.\n"
      "Targets: at least 25 x scalar on two threads, at most 8 x forward. By CPU time: as if nothing else "
      "ran\non the processors, spread over the threads.\n\n");
  headline("Synthetic programme", synthetic, chunks_of(synthetic), options);
  const Programme real = recorded(seconds);
  headline("The LA-2A's recording, end to end", real, chunks_of(real), options);
  return 0;
}

} // namespace raphson::bench
