#include "tests/bench/bench.h"

#include "optim/match/match.h"
#include "optim/report/table.h"

#include <cstdio>
#include <fstream>
#include <string>
#include <sys/wait.h>
#include <unistd.h>

namespace raphson::bench {
namespace {

using namespace optim;
using report::Cell, report::Table;

/// VmHWM, the most memory the process ever had, in bytes.
double peak_memory() {
  std::ifstream status("/proc/self/status");
  for (std::string word; status >> word;)
    if (word == "VmHWM:") {
      double kilobytes = 0;
      status >> kilobytes;
      return 1024 * kilobytes;
    }
  return 0;
}

struct Measured {
  double seconds, esr, threshold_db, release_ms, memory, audio;
  int iterations, evaluations;
};

Measured measure(double minutes) {
  constexpr double sample_rate = 44100;
  Programme p = programme(60 * minutes, sample_rate);
  data::Audio dry{sample_rate, {}}, wet = dry;
  dry.channels.push_back(std::move(p.dry)); // a list in braces would copy
  wet.channels.push_back(std::move(p.wet));
  match::MatchOptions options;
  options.threads = 2;
  const match::MatchResult r = match::match(dry, std::move(wet), options);
  const auto audio = static_cast<double>(2 * dry.frames() * sizeof(float));
  const auto& values = r.chain.blocks[0].values;
  return {r.seconds, r.esr, values[0], values[3], peak_memory(), audio, r.iterations, r.evaluations};
}

/// In a process of its own, since the peak of one only grows.
bool measure_apart(double minutes, Measured& measured) {
  int ends[2];
  if (pipe(ends) != 0) return false;
  std::fflush(stdout);
  const pid_t child = fork();
  if (child == 0) {
    const Measured m = measure(minutes);
    const bool written = write(ends[1], &m, sizeof m) == static_cast<ssize_t>(sizeof m);
    _exit(written ? 0 : 1);
  }
  close(ends[1]);
  const bool got =
      child > 0 && read(ends[0], &measured, sizeof measured) == static_cast<ssize_t>(sizeof measured);
  close(ends[0]);
  int status = 0;
  if (child > 0) waitpid(child, &status, 0);
  return got && status == 0;
}

} // namespace

int scaling(const Options& options) {
  std::vector<double> lengths{1, 5, 20};
  if (options.long_run) lengths.push_back(60);
  Table table{{{"minutes"},
               {"match (s)"},
               {"x real time"},
               {"iterations"},
               {"evaluations"},
               {"audio (MB)"},
               {"peak (MB)"},
               {"beyond audio (MB)"},
               {"ESR"},
               {"threshold (dB)"},
               {"release (ms)"}},
              {}};
  for (const double minutes : lengths) {
    Measured m{};
    if (!measure_apart(minutes, m)) {
      std::fprintf(stderr, "raphson_bench: the match of %g minutes failed\n", minutes);
      return 1;
    }
    table.rows.push_back({minutes, Cell::fixed(m.seconds, 2), Cell::fixed(60 * minutes / m.seconds, 0),
                          m.iterations, m.evaluations, Cell::fixed(m.audio / 1e6, 1),
                          Cell::fixed(m.memory / 1e6, 1), Cell::fixed((m.memory - m.audio) / 1e6, 1),
                          Cell::significant(m.esr, 2), Cell::fixed(m.threshold_db, 3),
                          Cell::fixed(m.release_ms, 2)});
  }
  std::printf("One channel of synthetic programme at 44.1 kHz, two threads, default options\n"
              "(audio: dry and wet as float; made with threshold -30 dB, release 180 ms)\n\n%s",
              shown(table, options).c_str());
  return 0;
}

} // namespace raphson::bench
