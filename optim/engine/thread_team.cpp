#include "optim/engine/thread_team.h"

#include <algorithm>
#include <system_error>

namespace raphson::optim {
namespace {

/// Looks for a while before it sleeps: most loops follow each other closely.
template <class T> T wait_while(const std::atomic<T>& value, T old) {
  constexpr int looks = 4000; // some ten microseconds
  for (int i = 0; i < looks; ++i)
    if (const T now = value.load(std::memory_order_acquire); now != old) return now;
  value.wait(old, std::memory_order_acquire);
  return value.load(std::memory_order_acquire);
}

} // namespace

ThreadTeam::ThreadTeam(std::size_t threads) : errors_(std::max<std::size_t>(threads, 1)) {
  workers_.reserve(errors_.size() - 1);
  try {
    for (std::size_t k = 1; k < errors_.size(); ++k) workers_.emplace_back([this, k] { serve(k); });
  } catch (const std::system_error&) {
    // The others do the share of those that did not start.
  }
}

ThreadTeam::~ThreadTeam() {
  ended_ = true;
  loop_.fetch_add(1, std::memory_order_release);
  loop_.notify_all();
  for (std::thread& worker : workers_) worker.join();
}

void ThreadTeam::run(std::size_t count, const ParallelBody& body) {
  body_ = &body;
  count_ = count;
  failed_ = false;
  for (std::exception_ptr& error : errors_) error = nullptr;
  working_.store(workers_.size(), std::memory_order_relaxed);
  loop_.fetch_add(1, std::memory_order_release);
  loop_.notify_all();
  share(0);
  for (std::size_t left = working_.load(std::memory_order_acquire); left > 0;)
    left = wait_while(working_, left);
  for (const std::exception_ptr& error : errors_)
    if (error) std::rethrow_exception(error);
}

void ThreadTeam::serve(std::size_t thread) {
  for (std::uint64_t seen = 0;;) {
    seen = wait_while(loop_, seen);
    if (ended_) return;
    share(thread);
    if (working_.fetch_sub(1, std::memory_order_acq_rel) == 1) working_.notify_one();
  }
}

void ThreadTeam::share(std::size_t thread) {
  try {
    for (std::size_t index = thread; index < count_ && !failed_; index += size()) (*body_)(index, thread);
  } catch (...) {
    errors_[thread] = std::current_exception();
    failed_ = true;
  }
}

} // namespace raphson::optim
