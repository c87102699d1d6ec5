// Threads that stay for many short loops, such as the steps of a training:
//
//   ThreadTeam team(threads);
//   for (...) team.run(shards, [&](std::size_t index, std::size_t thread) { ... });
//
// run() promises what parallel_for() does (parallel.h) and allocates nothing where the body fits into a
// std::function. Waking a thread that waits on its own processor costs less than starting one, which the
// system may moreover put beside the caller for a while. Loops may not nest on one team, nor may two threads
// run one.
#pragma once

#include "optim/engine/parallel.h"

#include <atomic>
#include <cstdint>
#include <exception>
#include <thread>
#include <vector>

namespace raphson::optim {

class ThreadTeam {
public:
  /// The caller is one of them; 0 counts as 1. Fewer where the system has none to spare.
  explicit ThreadTeam(std::size_t threads);
  ~ThreadTeam();
  ThreadTeam(const ThreadTeam&) = delete;
  ThreadTeam& operator=(const ThreadTeam&) = delete;

  std::size_t size() const { return workers_.size() + 1; }
  void run(std::size_t count, const ParallelBody& body);

private:
  void serve(std::size_t thread);
  void share(std::size_t thread);

  std::atomic<std::uint64_t> loop_ = 0; ///< number of the loop that runs
  std::atomic<std::size_t> working_ = 0;
  std::atomic<bool> failed_ = false, ended_ = false;
  const ParallelBody* body_ = nullptr;
  std::size_t count_ = 0;
  std::vector<std::exception_ptr> errors_;
  std::vector<std::thread> workers_;
};

} // namespace raphson::optim
