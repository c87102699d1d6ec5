// What the commands of raphson_bench share: repeated timings, the memory that a call allocates, and a
// synthetic programme with the recording that a compressor makes of it.
#pragma once

#include "optim/match/compressor_kernel.h"
#include "optim/match/pair.h"
#include "optim/report/table.h"

#include <chrono>
#include <cstddef>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>

namespace raphson::bench {

struct Options {
  std::optional<std::filesystem::path> out; ///< folder for pictures and tables
  bool long_run = false;
  bool markdown = false;            ///< tables as Markdown, for docs/
  std::optional<std::string> model; ///< blackbox: what to match with
  std::string only;                 ///< blackbox: targets whose name holds this
};

/// A table as the command was asked to print it.
std::string shown(const optim::report::Table& table, const Options& options);

struct Timing {
  double best, median; ///< seconds a call
  double cpu;          ///< the least processor time of a call, all threads together: steady on a busy machine
};

/// One call to warm up, then `repetitions` timed ones.
Timing time_calls(int repetitions, const std::function<void()>& call);

/// Bytes that the call had allocated at once, at most, beyond what was allocated before. Counts operator new
/// on every thread.
std::size_t peak_allocation(const std::function<void()>& call);

/// Keeps a result alive in the compiler's eyes.
void use(double value);

/// Decaying notes and noise with pauses, as loud and as quiet as programme is; wet is a compressor's output
/// (-30 dB, 3:1, 4 ms, 180 ms, 4 dB) with noise at -70 dB.
struct Programme {
  std::vector<float> dry, wet;
};
Programme programme(double seconds, double sample_rate, unsigned long seed = 1);

/// A processor of a few values that the optimiser cannot foresee.
inline constexpr optim::match::CompressorCoordinates coordinates_of_bench{-3.0, 0.75, 0.01, 0.00025, 0.3};

int hessian(const Options&);
int newton(const Options&);
int chains(const Options&);
int simd(const Options&);
int render(const Options&);
int scaling(const Options&);
int plugin(const Options&);
int blackbox(const Options&);
int nn(const Options&);
int rational(const Options&);
int transforms(const Options&);
int ranks(const Options&); // where the program was built with MPI
int hosts(const Options&); // where there is an LV2 host, and the plugin was built

} // namespace raphson::bench
