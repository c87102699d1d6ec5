// The time that has passed since it was made, by the wall. For what one thread works, see processor_time.h.
#pragma once

#include <chrono>

namespace raphson::optim {

class Stopwatch {
public:
  double seconds() const { return std::chrono::duration<double>(Clock::now() - began_).count(); }

private:
  using Clock = std::chrono::steady_clock;
  Clock::time_point began_ = Clock::now();
};

} // namespace raphson::optim
