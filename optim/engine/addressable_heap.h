// A binary min-heap whose entries can be found, moved and taken out: ids 0 ... n - 1, each at most once.
//
//   AddressableHeap<double> queue(nodes);
//   queue.set(7, 1.5); // put in
//   queue.set(7, 0.5); // moved, up or down: nothing stale stays behind
//   queue.erase(3);
//
// Every change is O(log n), contains() and key() O(1). Of equal keys the lower id comes first, so that the
// order of work does not depend on the history of the heap.
#pragma once

#include <utility>
#include <vector>

namespace raphson::optim {

template <class Key> class AddressableHeap {
public:
  explicit AddressableHeap(int ids) : slot_(static_cast<std::size_t>(ids), absent) {}

  bool empty() const { return heap_.empty(); }
  int size() const { return static_cast<int>(heap_.size()); }
  bool contains(int id) const { return slot_[id] != absent; }
  const Key& key(int id) const { return heap_[slot_[id]].first; } ///< of an id that is in
  int top() const { return heap_.front().second; }                ///< the id of the least key; not empty
  const Key& top_key() const { return heap_.front().first; }

  /// Puts the id in, or moves it to its new key.
  void set(int id, const Key& key) {
    if (!contains(id)) {
      heap_.emplace_back(key, id);
      slot_[id] = size() - 1;
      rise(size() - 1);
      return;
    }
    const int at = slot_[id];
    heap_[at].first = key;
    sink(rise(at));
  }

  /// Nothing where the id is not in.
  void erase(int id) {
    if (!contains(id)) return;
    const int at = slot_[id];
    exchange(at, size() - 1);
    slot_[id] = absent;
    heap_.pop_back();
    if (at < size()) sink(rise(at));
  }

  int pop() {
    const int id = top();
    erase(id);
    return id;
  }

  void clear() {
    for (const auto& entry : heap_) slot_[entry.second] = absent;
    heap_.clear();
  }

private:
  static constexpr int absent = -1;

  void exchange(int a, int b) {
    std::swap(heap_[a], heap_[b]);
    slot_[heap_[a].second] = a;
    slot_[heap_[b].second] = b;
  }

  int rise(int at) {
    for (; at > 0 && heap_[at] < heap_[(at - 1) / 2]; at = (at - 1) / 2) exchange(at, (at - 1) / 2);
    return at;
  }

  void sink(int at) {
    for (;;) {
      int least = at;
      for (int child = 2 * at + 1; child <= 2 * at + 2 && child < size(); ++child)
        if (heap_[child] < heap_[least]) least = child;
      if (least == at) return;
      exchange(at, least);
      at = least;
    }
  }

  std::vector<std::pair<Key, int>> heap_;
  std::vector<int> slot_; // of an id in heap_
};

} // namespace raphson::optim
