// While one of these lives, its thread counts what a real-time thread must not do: take memory or give it
// back, and lock a mutex. The test program has malloc and pthread_mutex_lock of its own for it.
#pragma once

#include <cstddef>

namespace raphson::test {

class RealTimeTrap {
public:
  RealTimeTrap();
  ~RealTimeTrap();
  RealTimeTrap(const RealTimeTrap&) = delete;
  RealTimeTrap& operator=(const RealTimeTrap&) = delete;
};

struct Violations {
  std::size_t allocations, locks;
};
/// Of all threads so far.
Violations violations();

} // namespace raphson::test
