#include "tests/bench/bench.h"

#include "dsp/error.h"
#include "optim/data/audio_file.h"
#include "optim/report/table.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <string>
#include <unistd.h>

namespace raphson::bench {
namespace {

using namespace optim;
using report::Cell, report::Table;
namespace fs = std::filesystem;

constexpr double sample_rate = 44100;
constexpr int repetitions = 3;

struct Folder {
  fs::path path = fs::temp_directory_path() / ("raphson-bench-ranks-" + std::to_string(getpid()));
  Folder() { fs::create_directories(path); }
  ~Folder() {
    std::error_code ignored;
    fs::remove_all(path, ignored);
  }
};

/// DRY and WET of so many minutes, written once.
std::string recordings(const Folder& folder, double minutes) {
  const std::string name = (folder.path / std::to_string(static_cast<int>(minutes))).string();
  const std::string dry = name + "-dry.wav", wet = name + "-wet.wav";
  if (!fs::exists(dry)) {
    Programme p = programme(60 * minutes, sample_rate);
    data::write_audio(dry, {sample_rate, {std::move(p.dry)}});
    data::write_audio(wet, {sample_rate, {std::move(p.wet)}});
  }
  return dry + " " + wet;
}

struct Measured {
  double match = 1e300,
         program = 1e300;         ///< seconds: of the match as reported, of the program from start to end
  double busiest = 0, idlest = 0; ///< processor seconds of a rank, in the run of least `busiest`
  double threshold_db = 0;
};

/// What the shell's `times` says of its children: "0m1.25s 0m0.10s" in the second line.
double processor_seconds(const fs::path& file) {
  std::ifstream in(file);
  std::string line;
  std::getline(in, line);
  double minutes[2] = {}, seconds[2] = {};
  if (!std::getline(in, line)
      || std::sscanf(line.c_str(), "%lfm%lfs %lfm%lfs", &minutes[0], &seconds[0], &minutes[1], &seconds[1])
             != 4)
    throw InputError("cannot read " + file.string());
  return 60 * (minutes[0] + minutes[1]) + seconds[0] + seconds[1];
}

Measured measure(const Folder& folder, double minutes, int ranks) {
  const std::string times = (folder.path / "times").string();
  const std::string command = (ranks == 1 ? "" : RAPHSON_MPIRUN " -n " + std::to_string(ranks) + " ")
                              + ("sh -c '" RAPHSON_PROGRAM " match ") + recordings(folder, minutes)
                              + " --threads 1 --json --quiet --out " + (folder.path / "out").string()
                              + " && times >" + times + "${OMPI_COMM_WORLD_RANK:-${PMI_RANK:-0}}'";
  Measured best;
  for (int i = 0; i < repetitions; ++i) {
    std::string text;
    const auto began = std::chrono::steady_clock::now();
    std::FILE* pipe = popen(command.c_str(), "r");
    if (pipe == nullptr) throw InputError("cannot start " + command);
    for (int c; (c = std::fgetc(pipe)) != EOF;) text += static_cast<char>(c);
    if (pclose(pipe) != 0) throw InputError("it failed: " + command);
    const std::chrono::duration<double> all = std::chrono::steady_clock::now() - began;
    const nlohmann::json report = nlohmann::json::parse(text);
    best.match = std::min(best.match, report["seconds"].get<double>());
    best.program = std::min(best.program, all.count());
    std::vector<double> processor;
    for (int r = 0; r < ranks; ++r) processor.push_back(processor_seconds(times + std::to_string(r)));
    const auto [idlest, busiest] = std::minmax_element(processor.begin(), processor.end());
    if (i == 0 || *busiest < best.busiest) {
      best.busiest = *busiest;
      best.idlest = *idlest;
    }
    best.threshold_db = report["parameters"]["threshold_db"]["value"].get<double>();
  }
  return best;
}

void add_row(Table& table, double minutes, int ranks, const Measured& m, double ideal_over_match) {
  table.rows.push_back({Cell::fixed(minutes, 0), ranks, Cell::fixed(m.match, 2),
                        Cell::fixed(100 * ideal_over_match, 0), Cell::fixed(m.program, 2),
                        Cell::fixed(m.busiest, 2), Cell::fixed(m.idlest, 2), Cell::fixed(m.threshold_db, 6)});
}

} // namespace

int ranks(const Options& options) {
  // More ranks than processors measure the scheduler.
  const int most = static_cast<int>(std::max(1L, sysconf(_SC_NPROCESSORS_ONLN)));
  setenv("OMPI_ALLOW_RUN_AS_ROOT", "1", 1);
  setenv("OMPI_ALLOW_RUN_AS_ROOT_CONFIRM", "1", 1);
  const Folder folder;
  const double minutes = options.long_run ? 60 : 20;
  const Table empty{{{"minutes"},
                     {"ranks"},
                     {"match (s)"},
                     {"efficiency (%)"},
                     {"program (s)"},
                     {"CPU, busiest rank (s)"},
                     {"idlest (s)"},
                     {"threshold (dB)"}},
                    {}};
  Table strong = empty, weak = empty;
  Measured one, small;
  for (int n = 1; n <= most; n *= 2) {
    const Measured m = measure(folder, minutes, n);
    if (n == 1) one = m;
    add_row(strong, minutes, n, m, one.match / n / m.match);
    const Measured w = measure(folder, minutes / 2 * n, n);
    if (n == 1) small = w;
    add_row(weak, minutes / 2 * n, n, w, small.match / w.match);
  }
  std::printf("raphson match with default options, one thread a rank, best of %d\n"
              "(match: without reading, report and files; program: with them and mpirun)\n\n"
              "The same recording on more ranks:\n\n%s\nAs much for each rank:\n\n%s",
              repetitions, shown(strong, options).c_str(), shown(weak, options).c_str());
  return 0;
}

} // namespace raphson::bench
