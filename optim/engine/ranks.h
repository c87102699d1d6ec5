// Processes (ranks, as MPI calls them) that share one computation: all run the same program on the same data
// and march in step, and each evaluates a part of every long sum.
//
//   std::vector<double> terms(count * width);
//   for_own(ranks, count, threads, [&](std::size_t i) { evaluate(i, &terms[i * width]); });
//   ranks.sum(terms);                           // now every rank has all of them
//
// Whatever a rank decides, it decides from values that are the same on all, to the bit; what only one of them
// can know (a failure, a wish to stop) travels with the next sum. So none waits for another that has left.
// This class is the one rank of a program that runs alone, and costs nothing; optim/cli/mpi_ranks.cpp has
// that of MPI. Only the thread that runs the match may call sum() and exchange().
#pragma once

#include "optim/engine/parallel.h"

#include <cstddef>
#include <cstdint>
#include <exception>
#include <span>
#include <stdexcept>
#include <string>
#include <type_traits>
#include <vector>

namespace raphson::optim {

/// What the others throw where one rank failed; that one throws its own error.
struct PeerFailed : std::runtime_error {
  explicit PeerFailed(int failed) : runtime_error("rank " + std::to_string(failed) + " failed") {}
};

class Ranks {
public:
  virtual ~Ranks() = default;
  virtual int size() const { return 1; }
  virtual int rank() const { return 0; }

  /// Each value becomes its sum over the ranks, the same bytes on all. `point` tells what is summed, such as
  /// where a loss is evaluated: ranks that do not agree on it throw. Where any of them has told of a failure,
  /// all throw.
  virtual void sum(std::span<double>, std::uint64_t /*point*/ = 0) {}

  /// What each rank has to say, by rank. Throws as sum().
  virtual std::vector<std::string> exchange(const std::string& mine) { return {mine}; }

  /// Ends the run on all ranks, with the next sum; a rank that is alone throws at once.
  virtual void fail(std::exception_ptr error) { std::rethrow_exception(error); }

  /// Whether any rank had wished it by the last sum: the same answer on all.
  virtual bool agree_to_cancel(bool wish) { return wish; }
};

/// The one rank of a program that runs alone.
Ranks& one_rank();

/// Runs the body on every rank; what it throws on any of them ends the run on all.
template <class Body> void together(Ranks& ranks, Body body) {
  try {
    body();
  } catch (...) {
    ranks.fail(std::current_exception());
  }
  ranks.sum({});
}

/// body(i) for this rank's share of the indices below count: rank, rank + size, ... What it throws travels
/// with the next sum.
template <class Body> void for_own(Ranks& ranks, std::size_t count, std::size_t threads, Body body) {
  const auto size = static_cast<std::size_t>(ranks.size()), rank = static_cast<std::size_t>(ranks.rank());
  try {
    const std::size_t own = count > rank ? (count - rank + size - 1) / size : 0;
    parallel_for(own, threads, [&](std::size_t k, std::size_t) { body(rank + k * size); });
  } catch (...) {
    ranks.fail(std::current_exception());
  }
}

/// The sum of many terms, evaluate(i, term) adding to each, over ranks and threads. Terms add up in a fixed
/// order, whatever the number of either: within each of at most 256 runs of neighbours, then run by run. A
/// rank evaluates whole runs and all exchange the runs' sums, in which every number has one rank that knows
/// it: nothing is left for the order of a reduction to change.
template <class Term, class Evaluate>
Term sum_terms(Ranks& ranks, std::size_t count, std::size_t threads, std::uint64_t point, Evaluate evaluate) {
  static_assert(std::is_trivially_copyable_v<Term> && sizeof(Term) % sizeof(double) == 0);
  constexpr std::size_t most_runs = 256, width = sizeof(Term) / sizeof(double);
  const std::size_t runs = std::min(count, most_runs);
  const auto size = static_cast<std::size_t>(ranks.size()), rank = static_cast<std::size_t>(ranks.rank());
  const std::size_t first = runs * rank / size, last = runs * (rank + 1) / size;
  const auto begin_of = [&](std::size_t run) { return runs == 0 ? 0 : count * run / runs; };
  const auto add = [](const double* from, double* to) {
    for (std::size_t k = 0; k < width; ++k) to[k] += from[k];
  };

  std::vector<double> sums(runs * width);
  try {
    const std::size_t from = begin_of(first);
    std::vector<Term> terms(begin_of(last) - from);
    parallel_for(terms.size(), threads, [&](std::size_t i, std::size_t) { evaluate(from + i, terms[i]); });
    for (std::size_t run = first; run < last; ++run)
      for (std::size_t i = begin_of(run); i < begin_of(run + 1); ++i)
        add(reinterpret_cast<const double*>(&terms[i - from]), &sums[run * width]);
  } catch (...) {
    ranks.fail(std::current_exception());
  }
  ranks.sum(sums, point);
  Term total{};
  for (std::size_t run = 0; run < runs; ++run) add(&sums[run * width], reinterpret_cast<double*>(&total));
  return total;
}

} // namespace raphson::optim
