#include "catch.h"

#include "optim/engine/thread_team.h"

#include <atomic>
#include <chrono>
#include <stdexcept>
#include <thread>
#include <vector>

using namespace raphson::optim;

TEST_CASE("A team runs loop after loop, each index once, on the thread its number says") {
  for (const std::size_t threads : {0, 1, 2, 3, 8}) {
    ThreadTeam team(threads);
    for (int loop = 0; loop < 200; ++loop)
      for (const std::size_t count : {0, 1, 2, 7}) {
        std::vector<int> visits(count, 0);
        std::vector<std::size_t> thread_of(count, 99);
        team.run(count, [&](std::size_t index, std::size_t thread) {
          ++visits[index];
          thread_of[index] = thread;
        });
        const std::size_t used = std::max<std::size_t>(1, std::min(threads, count));
        for (std::size_t i = 0; i < count; ++i) REQUIRE((visits[i] == 1 && thread_of[i] == i % used));
      }
  }
}

TEST_CASE("A team's threads run side by side, also after they have slept") {
  ThreadTeam team(2);
  for (int loop = 0; loop < 3; ++loop) {
    std::atomic<int> arrived = 0;
    team.run(2, [&](std::size_t, std::size_t) { // would never end if the two ran in turn
      ++arrived;
      while (arrived < 2) std::this_thread::yield();
    });
    CHECK(arrived == 2);
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  }
}

TEST_CASE("An exception comes out of a team's loop, and the next loop is whole") {
  ThreadTeam team(3);
  const auto fails = [&] {
    team.run(1000, [&](std::size_t index, std::size_t) {
      if (index % 3 == 2) throw std::runtime_error("index");
    });
  };
  CHECK_THROWS_WITH(fails(), "index");
  std::atomic<int> bodies = 0;
  team.run(1000, [&](std::size_t, std::size_t) { ++bodies; });
  CHECK(bodies == 1000);
}
