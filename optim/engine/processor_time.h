// The processor time that the calling thread has used, for measuring work on a machine that others use too:
// what they take of it does not count.
#pragma once

#include <functional>

namespace raphson::optim {

double processor_seconds(); ///< since some moment; differences matter

template <class Work> double processor_seconds_of(const Work& work) {
  const double begin = processor_seconds();
  work();
  return processor_seconds() - begin;
}

/// Of one call, the least of several: of up to 7 rows of calls, each of 2 ms or more, within half a second.
double least_processor_seconds(const std::function<void()>& call);

} // namespace raphson::optim
