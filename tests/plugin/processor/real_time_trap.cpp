#include "plugin/processor/real_time_trap.h"

#include <atomic>
#include <cerrno>
#include <cstdint>
#include <dlfcn.h>
#include <pthread.h>

namespace {

thread_local bool trapped = false;
std::atomic<std::size_t> allocations{0}, locks{0};

} // namespace

namespace raphson::test {

RealTimeTrap::RealTimeTrap() { trapped = true; }
RealTimeTrap::~RealTimeTrap() { trapped = false; }
Violations violations() { return {allocations, locks}; }

} // namespace raphson::test

#if defined(__GLIBC__) && !defined(RAPHSON_SANITIZE) // a sanitizer has these itself

namespace {
void note_allocation() {
  if (trapped) ++allocations;
}
} // namespace

extern "C" {

void* __libc_malloc(std::size_t);
void* __libc_calloc(std::size_t, std::size_t);
void* __libc_realloc(void*, std::size_t);
void* __libc_memalign(std::size_t, std::size_t);
void __libc_free(void*);

void* malloc(std::size_t bytes) {
  note_allocation();
  return __libc_malloc(bytes);
}
void* calloc(std::size_t count, std::size_t bytes) {
  note_allocation();
  return __libc_calloc(count, bytes);
}
void* realloc(void* memory, std::size_t bytes) {
  note_allocation();
  return __libc_realloc(memory, bytes);
}
void* memalign(std::size_t alignment, std::size_t bytes) {
  note_allocation();
  return __libc_memalign(alignment, bytes);
}
void* aligned_alloc(std::size_t alignment, std::size_t bytes) { return memalign(alignment, bytes); }
int posix_memalign(void** memory, std::size_t alignment, std::size_t bytes) {
  *memory = memalign(alignment, bytes);
  return *memory ? 0 : ENOMEM;
}
void free(void* memory) {
  if (memory) note_allocation();
  __libc_free(memory);
}

int pthread_mutex_lock(pthread_mutex_t* mutex) noexcept {
  using Lock = int (*)(pthread_mutex_t*);
  static std::atomic<Lock> real{nullptr}; // not a guarded static, whose guard would lock
  Lock lock = real.load(std::memory_order_relaxed);
  if (!lock) {
    lock = reinterpret_cast<Lock>(dlsym(RTLD_NEXT, "pthread_mutex_lock"));
    real.store(lock, std::memory_order_relaxed);
  }
  if (trapped) ++locks;
  return lock(mutex);
}

} // extern "C"

#endif
