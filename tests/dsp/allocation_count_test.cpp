#include "catch.h"
#include "dsp/allocation_count.h"

#include <atomic>
#include <cstdlib>
#include <memory>
#include <new>

namespace {
std::atomic<std::size_t> count{0};
}

std::size_t allocation_count() noexcept { return count; }

void* operator new(std::size_t bytes) {
  ++count;
  if (void* memory = std::malloc(bytes ? bytes : 1)) return memory;
  throw std::bad_alloc();
}
// Its own too, since under the address sanitizer it does not call the one above.
void* operator new(std::size_t bytes, const std::nothrow_t&) noexcept {
  ++count;
  return std::malloc(bytes ? bytes : 1);
}
void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }

TEST_CASE("Allocations are counted", "[allocation]") {
  const std::size_t before = allocation_count();
  const std::unique_ptr<volatile int> one(new int(1));
  CHECK(allocation_count() > before);
}
