#include "catch.h"

#include "optim/engine/parallel.h"

#include <atomic>
#include <stdexcept>
#include <thread>
#include <vector>

using namespace raphson::optim;

TEST_CASE("A parallel loop visits each index once, on the thread its number says") {
  for (const std::size_t threads : {0, 1, 2, 3, 8}) {
    for (const std::size_t count : {0, 1, 2, 7, 100}) {
      std::vector<int> visits(count, 0);
      std::vector<std::size_t> thread_of(count, 99);
      parallel_for(count, threads, [&](std::size_t index, std::size_t thread) {
        ++visits[index];
        thread_of[index] = thread;
      });
      const std::size_t used = std::max<std::size_t>(1, std::min(threads, count));
      for (std::size_t i = 0; i < count; ++i) {
        CHECK(visits[i] == 1);
        CHECK(thread_of[i] == i % used);
      }
    }
  }
}

TEST_CASE("Threads run side by side, and the caller is one of them") {
  std::atomic<int> arrived = 0;
  std::thread::id first;
  parallel_for(2, 2, [&](std::size_t, std::size_t thread) { // would never end if the two ran in turn
    if (thread == 0) first = std::this_thread::get_id();
    ++arrived;
    while (arrived < 2) std::this_thread::yield();
  });
  CHECK(first == std::this_thread::get_id());
  CHECK(default_threads() >= 1);
}

TEST_CASE("An exception of a body comes out of the loop") {
  for (const std::size_t threads : {1, 2, 4}) {
    std::atomic<int> bodies = 0;
    const auto loop = [&] {
      parallel_for(1000, threads, [&](std::size_t index, std::size_t) {
        ++bodies;
        if (index % 4 == threads - 1) throw std::runtime_error("index");
      });
    };
    CHECK_THROWS_WITH(loop(), "index");
    CHECK(bodies < 1000);
  }
}

TEST_CASE("Sums kept per thread are the same in every run") {
  const auto sum = [] {
    std::vector<double> partial(3, 0);
    parallel_for(1000, 3, [&](std::size_t index, std::size_t thread) {
      partial[thread] += 1 / (1 + static_cast<double>(index));
    });
    return partial[0] + partial[1] + partial[2];
  };
  const double first = sum();
  for (int run = 0; run < 20; ++run) CHECK(sum() == first);
}
