#include "tests/bench/bench.h"

#include "optim/engine/random.h"
#include "optim/report/table.h"
#include "tests/bench/simd_kernels.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <span>

namespace raphson::bench {

void power_by_libm(const double* in, double* out, std::size_t count, double slope) {
  for (std::size_t i = 0; i < count; ++i) out[i] = std::exp2(slope * std::log2(in[i]));
}

namespace {

using namespace optim::match;
using optim::report::Cell, optim::report::Table;

/// The largest relative error of the outputs against long double.
double error_of(std::span<const double> in, std::span<const double> out, double slope) {
  long double error = 0;
  for (std::size_t i = 0; i < in.size(); ++i) {
    const long double exact = std::pow(static_cast<long double>(in[i]), static_cast<long double>(slope));
    error = std::max(error, std::abs(out[i] - exact) / exact);
  }
  return static_cast<double>(error);
}

void elementary(const Options& options) {
  constexpr std::size_t count = 4096; // stays in the first-level cache
  constexpr int passes = 200;
  constexpr double slope = -0.7;
  optim::RandomStream random(1, "levels");
  std::vector<double> in(count), out(count);
  for (double& x : in) x = std::exp2(random.uniform(-20, 0));
  Table table{{{"2^(s log2 x)"}, {"ns/value"}, {"median"}, {"x libm"}, {"largest error"}}, {}};
  double libm = 0;
  const auto row = [&](const std::string& name, PowerPass pass) {
    const Timing t = time_calls(15, [&] {
      for (int i = 0; i < passes; ++i) pass(in.data(), out.data(), count, slope);
      use(out[7]);
    });
    if (libm == 0) libm = t.best;
    const auto each = [&](double seconds) { return Cell::fixed(1e9 * seconds / (passes * count), 2); };
    table.rows.push_back({name, each(t.best), each(t.median), Cell::fixed(libm / t.best, 1),
                          Cell::significant(error_of(in, out, slope), 2)});
  };
  row("libm, one at a time", power_by_libm);
  const std::array tables{power_passes_baseline_table, power_passes_avx2_table, power_passes_avx512_table};
  for (const dsp::Isa isa : {dsp::Isa::baseline, dsp::Isa::avx2, dsp::Isa::avx512}) {
    if (isa > dsp::detect_isa()) continue;
    const PowerPasses passes_of = tables[static_cast<std::size_t>(isa)]();
    row(std::string("ours, scalar, ") + dsp::to_string(isa), passes_of.scalar);
    row(std::string("ours, lanes, ") + dsp::to_string(isa), passes_of.lanes);
  }
#if defined(RAPHSON_BENCH_HIGHWAY)
  row("Highway Exp and Log, SSE4", highway_v2);
  if (dsp::detect_isa() >= dsp::Isa::avx2) row("Highway Exp and Log, AVX2", highway_v3);
  if (dsp::detect_isa() >= dsp::Isa::avx512) row("Highway Exp and Log, AVX-512", highway_v4);
#else
  std::printf("(Highway is not installed; with libhwy-dev the table has its rows too)\n");
#endif
  std::printf("%s\n", shown(table, options).c_str());
}

/// Every lane busy: as many chunks as the widest vectors have lanes.
void kernels(const Options& options) {
  const Programme recording = programme(8 * 4, 44100);
  constexpr std::size_t length = 4 * 44100;
  std::vector<ChunkView> chunks;
  for (std::size_t i = 0; i < 8; ++i)
    chunks.push_back({&recording.dry[i * length], &recording.wet[i * length], length, 0});
  Table table{{{"kernel, one thread"},
               {"lanes"},
               {"value ns/sample"},
               {"gradient"},
               {"Gauss-Newton"},
               {"Hessian"},
               {"Hessian x baseline"},
               {"one lane alone"}},
              {}};
  double baseline = 0;
  for (const dsp::Isa isa : {dsp::Isa::baseline, dsp::Isa::avx2, dsp::Isa::avx512}) {
    if (isa > dsp::detect_isa()) continue;
    const CompressorKernel& kernel = compressor_kernel(isa);
    const auto time = [&](auto evaluate, std::size_t used) {
      const auto samples = static_cast<double>(used * length);
      return 1e9 / samples
             * time_calls(7, [&] {
                 for (std::size_t from = 0; from < used; from += static_cast<std::size_t>(kernel.lanes)) {
                   LossDerivatives d;
                   const int n = std::min(kernel.lanes, static_cast<int>(used - from));
                   evaluate(&chunks[from], n, d);
                   use(d.loss);
                 }
               }).best;
    };
    const auto derivatives = [&](auto function, std::size_t used) {
      return time([&](const ChunkView* c, int n,
                      LossDerivatives& d) { function(c, n, coordinates_of_bench, 0.995, d); },
                  used);
    };
    const double value =
        time([&](const ChunkView* c, int n,
                 LossDerivatives& d) { d.loss = kernel.value(c, n, coordinates_of_bench, 0.995); },
             chunks.size());
    const double second = derivatives(kernel.hessian, chunks.size());
    if (baseline == 0) baseline = second;
    table.rows.push_back({dsp::to_string(isa), kernel.lanes, Cell::fixed(value, 2),
                          Cell::fixed(derivatives(kernel.gradient, chunks.size()), 2),
                          Cell::fixed(derivatives(kernel.gauss_newton, chunks.size()), 2),
                          Cell::fixed(second, 2), Cell::fixed(baseline / second, 1),
                          Cell::fixed(derivatives(kernel.hessian, 1), 2)});
  }
  std::printf("%s", shown(table, options).c_str());
}

} // namespace

int simd(const Options& options) {
  elementary(options);
  kernels(options);
  return 0;
}

} // namespace raphson::bench
