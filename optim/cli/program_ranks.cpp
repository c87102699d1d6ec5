#include "optim/cli/program_ranks.h"

#include "dsp/error.h"

#include <array>
#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <iostream>
#include <memory>
#include <streambuf>

#ifdef RAPHSON_MPI
#include "optim/cli/mpi_ranks.h"
#endif

namespace raphson::cli {
namespace {

std::unique_ptr<ProgramRanks>& started() {
  static std::unique_ptr<ProgramRanks> ranks = std::make_unique<ProgramRanks>();
  return ranks;
}

int number(std::initializer_list<const char*> variables, int otherwise) {
  for (const char* variable : variables)
    if (const char* text = std::getenv(variable)) return std::atoi(text);
  return otherwise;
}

/// As Open MPI, MPICH and its relatives, and Slurm tell those that they start.
int launched() { return number({"OMPI_COMM_WORLD_SIZE", "PMI_SIZE", "SLURM_STEP_NUM_TASKS"}, 1); }

class NoOutput : public std::streambuf {
  int overflow(int c) override { return traits_type::not_eof(c); }
};

// Never destroyed, since the streams are flushed after everything static.
void silence() {
  static NoOutput& nowhere = *new NoOutput;
  std::cout.rdbuf(&nowhere);
  std::cerr.rdbuf(&nowhere);
}

using Words = std::array<char, 4096>; // two, so that a signal in the middle finds one of them whole
std::array<Words, 2>& words() {
  static std::array<Words, 2> both{};
  return both;
}
std::atomic<unsigned> spoken = 0;

} // namespace

std::size_t ProgramRanks::default_threads() const { return optim::default_threads(); }

int ProgramRanks::end(int code, const std::string& line) {
  if (!line.empty()) std::cerr << "raphson: " << line << std::endl;
  return code;
}

void start_ranks() {
  set_last_words("nothing was written");
  if (launched() <= 1) return;
#ifdef RAPHSON_MPI
  started() = start_mpi_ranks();
  if (program_ranks().rank() != 0) silence();
  check_builds(program_ranks());
#else
  if (number({"OMPI_COMM_WORLD_RANK", "PMI_RANK", "SLURM_PROCID"}, 0) != 0) silence();
  throw InputError("mpirun started this program " + std::to_string(launched())
                   + " times, but this build knows no ranks: cmake -DRAPHSON_MPI=ON makes one that does");
#endif
}

ProgramRanks& program_ranks() { return *started(); }

int end_ranks(int code, const std::string& line) { return program_ranks().end(code, line); }

void set_last_words(const std::string& text) {
  Words& next = words()[(spoken + 1) % 2];
  std::snprintf(next.data(), next.size(), "%s", text.c_str());
  ++spoken;
}

const char* last_words() { return words()[spoken % 2].data(); }

} // namespace raphson::cli
