// The processor time that the calling thread has used, for measuring work on a machine that others use too:
// what they take of it does not count.
#pragma once

namespace raphson::optim {

double processor_seconds(); ///< since some moment; differences matter

template <class Work> double processor_seconds_of(const Work& work) {
  const double begin = processor_seconds();
  work();
  return processor_seconds() - begin;
}

} // namespace raphson::optim
