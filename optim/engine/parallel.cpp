#include "optim/engine/parallel.h"

#include <algorithm>
#include <atomic>
#include <exception>
#include <system_error>
#include <thread>
#include <vector>

namespace raphson::optim {

std::size_t default_threads() { return std::max(1u, std::thread::hardware_concurrency()); }

void parallel_for(std::size_t count, std::size_t threads, const ParallelBody& body) {
  threads = std::clamp<std::size_t>(threads, 1, std::max<std::size_t>(count, 1));
  std::vector<std::exception_ptr> errors(threads);
  std::atomic<bool> failed = false;
  const auto run = [&](std::size_t thread) {
    try {
      for (std::size_t index = thread; index < count && !failed; index += threads) body(index, thread);
    } catch (...) {
      errors[thread] = std::current_exception();
      failed = true;
    }
  };

  std::vector<std::thread> workers;
  workers.reserve(threads - 1);
  std::size_t started = 1;
  try {
    for (; started < threads; ++started) workers.emplace_back(run, started);
  } catch (const std::system_error&) {
    // The system has no thread to spare: the caller does the share of those that did not start.
  }
  run(0);
  for (; started < threads; ++started) run(started);
  for (std::thread& worker : workers) worker.join();
  for (const std::exception_ptr& error : errors)
    if (error) std::rethrow_exception(error);
}

} // namespace raphson::optim
