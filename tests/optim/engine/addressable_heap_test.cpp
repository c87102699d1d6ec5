#include "optim/engine/addressable_heap.h"

#include "catch.h"
#include "optim/engine/random.h"

#include <map>
#include <set>

using namespace raphson::optim;

TEST_CASE("Addressable heap: as an ordered set under puts, moves and removals") {
  constexpr int ids = 200;
  RandomStream random(1, "heap test");
  AddressableHeap<double> heap(ids);
  std::set<std::pair<double, int>> plain;
  std::map<int, double> keys;
  for (int step = 0; step < 20000; ++step) {
    const int id = static_cast<int>(random.index(ids));
    const auto what = random.index(4);
    if (what == 3 || (what == 2 && !plain.empty())) {
      const int gone = what == 3 ? id : plain.begin()->second;
      if (what == 2) CHECK(heap.pop() == gone);
      if (what == 3) heap.erase(id);
      if (keys.contains(gone)) plain.erase({keys[gone], gone});
      keys.erase(gone);
    } else {
      const double key = static_cast<double>(random.index(50)); // many equal
      if (keys.contains(id)) plain.erase({keys[id], id});
      keys[id] = key;
      plain.insert({key, id});
      heap.set(id, key);
    }
    REQUIRE(heap.size() == static_cast<int>(plain.size()));
    REQUIRE(heap.contains(id) == keys.contains(id));
    if (keys.contains(id)) REQUIRE(heap.key(id) == keys[id]);
    if (plain.empty()) continue;
    REQUIRE(heap.top() == plain.begin()->second);
    REQUIRE(heap.top_key() == plain.begin()->first);
  }
  heap.clear();
  CHECK(heap.empty());
  CHECK_FALSE(heap.contains(0));
  heap.set(5, 1);
  CHECK(heap.pop() == 5);
}
