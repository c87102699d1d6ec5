// Every wait here is a loop that looks around: a rank of this machine that has died ends the others with a
// line of their own, whether or not mpirun does, and none burns a core while it waits for long.
#include "optim/cli/mpi_ranks.h"

#include "dsp/error.h"
#include "dsp/simd/isa.h"
#include "optim/cli/command.h"
#include "optim/cli/interrupt.h"
#include "optim/engine/fingerprint.h"

#define OMPI_SKIP_MPICXX 1
#define MPICH_SKIP_MPICXX 1
#include <mpi.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstring>
#include <sched.h>
#include <sstream>
#include <thread>
#include <unistd.h>
#include <utility>

#ifdef __GLIBC__
#include <gnu/libc-version.h>
#endif

namespace raphson::cli {
namespace {

using optim::PeerFailed;
using Clock = std::chrono::steady_clock;

double seconds_since(Clock::time_point begin) {
  return std::chrono::duration<double>(Clock::now() - begin).count();
}

/// Which ranks live on this machine, for the signal handler.
struct Peers {
  int size = 1, rank = 0;
  std::vector<pid_t> processes; ///< 0: on another machine
} peers;

/// The lowest rank that has died; -1 where none has, as far as this machine can tell.
int dead_peer() {
  for (int rank = 0; rank < peers.size; ++rank)
    if (peers.processes[rank] != 0 && kill(peers.processes[rank], 0) != 0 && errno == ESRCH) return rank;
  return -1;
}

/// Ends this rank, where another one has died; the first that lives says so. Safe in a signal handler.
void end_where_a_peer_died() {
  const int dead = dead_peer();
  if (dead < 0) return;
  const int teller = dead == 0 ? 1 : 0;
  if (peers.rank == teller) {
    char line[4600];
    const int length =
        std::snprintf(line, sizeof line, "raphson: rank %d of %d died (process %ld); %s\n", dead, peers.size,
                      static_cast<long>(peers.processes[dead]), last_words());
    if (write(STDERR_FILENO, line, static_cast<std::size_t>(length)) != length) _exit(1);
  }
  _exit(1);
}

/// mpirun asks with SIGTERM and kills a second later. A rank that does not answer meanwhile may have died on
/// another machine.
[[noreturn]] void end_unanswered() {
  if (peers.rank == 0)
    std::fprintf(stderr, "raphson: ended by SIGTERM while a rank did not answer; %s\n", last_words());
  std::fflush(stderr);
  _exit(1);
}

/// Where processes see one another.
std::string machine() {
  char host[256] = "", space[64] = "";
  gethostname(host, sizeof host - 1);
  if (readlink("/proc/self/ns/pid", space, sizeof space - 1) < 0) space[0] = '\0';
  return std::string(host) + " " + space;
}

class MpiRanks : public ProgramRanks {
public:
  MpiRanks();
  int size() const override { return size_; }
  int rank() const override { return rank_; }
  void sum(std::span<double> values, std::uint64_t point) override;
  std::vector<std::string> exchange(const std::string& mine) override;
  void fail(std::exception_ptr error) override {
    if (!failure_) failure_ = error;
  }
  bool agree_to_cancel(bool wish) override {
    wish_ = wish_ || wish;
    return cancelled_;
  }
  std::size_t default_threads() const override;
  int end(int code, const std::string& line) override;

private:
  void check(int result);
  bool wait(MPI_Request& request, double longest_seconds = 1e300);
  void reduce();

  MPI_Comm sums_ = MPI_COMM_NULL, ends_ = MPI_COMM_NULL;
  int size_ = 1, rank_ = 0, neighbours_ = 1; ///< neighbours: ranks on this machine, this one among them
  std::vector<double> message_;
  std::exception_ptr failure_;
  bool wish_ = false, cancelled_ = false;
};

MpiRanks::MpiRanks() {
  int provided = 0;
  MPI_Init_thread(nullptr, nullptr, MPI_THREAD_FUNNELED, &provided);
  MPI_Comm_dup(MPI_COMM_WORLD, &sums_);
  MPI_Comm_dup(MPI_COMM_WORLD, &ends_);
  for (MPI_Comm comm : {MPI_COMM_WORLD, sums_, ends_}) MPI_Comm_set_errhandler(comm, MPI_ERRORS_RETURN);
  MPI_Comm_size(sums_, &size_);
  MPI_Comm_rank(sums_, &rank_);
  peers.processes.assign(static_cast<std::size_t>(size_), 0);
  const std::string here = machine();
  const auto all = exchange(here + "\n" + std::to_string(getpid()));
  neighbours_ = 0;
  for (int r = 0; r < size_; ++r)
    if (all[r].starts_with(here + "\n")) {
      peers.processes[r] = std::atoi(all[r].c_str() + here.size() + 1);
      ++neighbours_;
    }
  peers.rank = rank_;
  peers.size = size_;
  on_interrupt(end_where_a_peer_died);
}

void MpiRanks::check(int result) {
  if (result == MPI_SUCCESS) return;
  end_where_a_peer_died();
  char text[MPI_MAX_ERROR_STRING] = "";
  int length = 0;
  MPI_Error_string(result, text, &length);
  throw std::runtime_error(std::string("the ranks have lost one another: ") + text);
}

bool MpiRanks::wait(MPI_Request& request, double longest_seconds) {
  const Clock::time_point began = Clock::now();
  Clock::time_point looked = began;
  int terminated = 0;
  for (int done = 0;;) {
    check(MPI_Test(&request, &done, MPI_STATUS_IGNORE));
    if (done) return true;
    const double waited = seconds_since(began);
    if (waited > longest_seconds) return false;
    if (waited > 200e-6) std::this_thread::sleep_for(std::chrono::microseconds(waited > 0.1 ? 500 : 20));
    if (seconds_since(looked) > 0.1) {
      end_where_a_peer_died();
      if (interrupting_signal() == SIGTERM && ++terminated > 4) end_unanswered();
      looked = Clock::now();
    }
  }
}

/// message_ becomes its sum.
void MpiRanks::reduce() {
  MPI_Request request;
  check(MPI_Iallreduce(MPI_IN_PLACE, message_.data(), static_cast<int>(message_.size()), MPI_DOUBLE, MPI_SUM,
                       sums_, &request));
  wait(request);
}

void MpiRanks::sum(std::span<double> values, std::uint64_t point) {
  // The last ones: failures, the ranks of the failed, wishes to cancel, and the point. 32 bits of it, which
  // all have in common if the sum is that of as many.
  const auto mark = static_cast<double>(static_cast<std::uint32_t>(point ^ (point >> 32)));
  message_.assign(values.begin(), values.end());
  message_.insert(message_.end(),
                  {failure_ ? 1.0 : 0.0, failure_ ? double(rank_) : 0.0, wish_ ? 1.0 : 0.0, mark});
  reduce();
  const double* state = message_.data() + values.size();
  if (failure_) std::rethrow_exception(std::exchange(failure_, nullptr));
  if (state[0] > 0) throw PeerFailed(static_cast<int>(state[1] / state[0]));
  cancelled_ = cancelled_ || state[2] > 0;
  if (state[3] != mark * size_)
    throw std::runtime_error("the ranks no longer agree on where they are: do their machines differ?");
  std::copy_n(message_.begin(), values.size(), values.begin());
}

std::vector<std::string> MpiRanks::exchange(const std::string& mine) {
  std::vector<double> lengths(static_cast<std::size_t>(size_));
  lengths[rank_] = static_cast<double>(mine.size());
  sum(lengths, 0);
  std::vector<int> counts(lengths.begin(), lengths.end()), begins{0};
  for (const int count : counts) begins.push_back(begins.back() + count);
  std::string all(static_cast<std::size_t>(begins.back()), '\0');
  MPI_Request request;
  check(MPI_Iallgatherv(mine.data(), counts[rank_], MPI_BYTE, all.data(), counts.data(), begins.data(),
                        MPI_BYTE, sums_, &request));
  wait(request);
  std::vector<std::string> texts;
  for (int r = 0; r < size_; ++r) texts.push_back(all.substr(begins[r], counts[r]));
  return texts;
}

std::size_t MpiRanks::default_threads() const {
  // mpirun may have bound this rank to some processors; all of the machine's are everybody's.
  const std::size_t all = optim::default_threads();
  std::size_t bound = all;
#ifdef __linux__
  cpu_set_t set;
  if (sched_getaffinity(0, sizeof set, &set) == 0) bound = static_cast<std::size_t>(CPU_COUNT(&set));
#endif
  return bound < all ? bound : std::max<std::size_t>(1, all / static_cast<std::size_t>(neighbours_));
}

int MpiRanks::end(int code, const std::string& line) {
  constexpr double patience_seconds = 2;
  const auto say = [&](bool as_one_of_several) {
    if (line.empty()) return;
    const std::string who = "rank " + std::to_string(rank_) + " of " + std::to_string(size_) + ": ";
    std::fprintf(stderr, "raphson: %s%s\n", as_one_of_several ? who.c_str() : "", line.c_str());
    std::fflush(stderr);
  };
  std::vector<int> codes(static_cast<std::size_t>(size_));
  codes[rank_] = code;
  MPI_Request request;
  MPI_Iallreduce(MPI_IN_PLACE, codes.data(), size_, MPI_INT, MPI_SUM, ends_, &request);
  bool all_here = false;
  try {
    all_here = wait(request, code == 0 ? 1e300 : patience_seconds);
  } catch (const std::exception&) {
    if (code == 0) code = 1;
  }
  if (!all_here) { // the others wait for what this rank will never do
    say(true);
    MPI_Abort(MPI_COMM_WORLD, code == peer_failed ? 1 : code);
  }
  int teller = -1; // the first that knows why
  for (int r = size_ - 1; r >= 0; --r)
    if (codes[r] > 0) teller = r;
  const int common = teller >= 0                                                             ? codes[teller]
                     : std::all_of(codes.begin(), codes.end(), [](int c) { return c == 0; }) ? 0
                                                                                             : 1;
  const bool alike = std::all_of(codes.begin(), codes.end(), [&](int c) { return c == common; });
  if (rank_ == teller) say(!alike && common != 130);
  MPI_Finalize();
  return common;
}

/// The program to the byte, where /proc tells it, and what the system adds to it.
std::string build() {
  optim::Fingerprint program;
  if (std::FILE* file = std::fopen("/proc/self/exe", "rb")) {
    std::vector<char> bytes(1 << 16);
    for (std::size_t n; (n = std::fread(bytes.data(), 1, bytes.size(), file)) > 0;)
      program.add(bytes.data(), n);
    std::fclose(file);
  }
  std::string text = std::string(program_version) + ", program " + program.hex();
#ifdef __GLIBC__
  text += std::string(", glibc ") + gnu_get_libc_version();
#endif
  return text;
}

} // namespace

std::unique_ptr<ProgramRanks> start_mpi_ranks() { return std::make_unique<MpiRanks>(); }

void check_builds(optim::Ranks& ranks) {
  const std::string isa = dsp::to_string(dsp::detect_isa());
  const auto all = ranks.exchange(build() + "\n" + isa + "\n" + machine());
  const auto part = [&](int rank, int line) {
    std::istringstream lines(all[static_cast<std::size_t>(rank)]);
    std::string text;
    for (int i = 0; i <= line; ++i) std::getline(lines, text);
    return text;
  };
  for (int r = 1; r < ranks.size(); ++r) {
    const std::string who = "rank " + std::to_string(r) + " of " + std::to_string(ranks.size());
    if (part(r, 0) != part(0, 0))
      throw InputError(who + " is another build than rank 0: " + part(r, 0) + "; rank 0: " + part(0, 0)
                       + ". All must run the same program");
    if (part(r, 1) != part(0, 1))
      throw InputError(who + " uses " + part(r, 1) + " and rank 0 " + part(0, 1)
                       + ": RAPHSON_ISA in the environment of all, set to the lesser one, makes them alike");
  }
}

} // namespace raphson::cli
