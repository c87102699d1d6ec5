// A loop on several threads:
//
//   parallel_for(chunks.size(), default_threads(), [&](std::size_t index, std::size_t thread) {
//     evaluate(chunks[index], scratch[thread]);
//   });
//
// Thread k runs the indices k, k + threads, k + 2 threads, ... in that order, and thread 0 is the caller:
// which index runs where never depends on timing, so sums kept per thread are the same in every run with as
// many threads, and sums kept per index are the same with any number. At most `count` threads are used.
// Starting one costs tens of microseconds: give each index work worth that. When a body throws, the others
// stop at their next index and the exception of the lowest thread that threw is rethrown after all have
// ended. Loops may nest.
#pragma once

#include <cstddef>
#include <functional>

namespace raphson::optim {

// The processors this process may use, at least 1.
std::size_t default_threads();

using ParallelBody = std::function<void(std::size_t index, std::size_t thread)>;

// threads = 0 counts as 1.
void parallel_for(std::size_t count, std::size_t threads, const ParallelBody& body);

} // namespace raphson::optim
