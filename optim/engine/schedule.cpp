#include "optim/engine/schedule.h"

#include "dsp/error.h"

#include <cmath>
#include <numbers>
#include <string>
#include <utility>

namespace raphson::optim {

Schedule inverse_square_root() {
  return [](std::int64_t step) { return 1 / std::sqrt(static_cast<double>(step)); };
}

Schedule cosine(std::int64_t steps, std::int64_t warm_up) {
  if (warm_up < 0 || warm_up >= steps)
    throw InputError("schedule: a warm-up of " + std::to_string(warm_up) + " steps in "
                     + std::to_string(steps) + ", it must be at least 0 and shorter than the whole");
  return [=](std::int64_t step) {
    if (step <= warm_up) return static_cast<double>(step) / static_cast<double>(warm_up);
    if (step > steps) return 0.0;
    const double share = static_cast<double>(step - 1 - warm_up) / static_cast<double>(steps - warm_up);
    return 0.5 * (1 + std::cos(std::numbers::pi * share));
  };
}

Schedule by_epoch(Schedule epochs, std::int64_t steps_per_epoch) {
  if (steps_per_epoch < 1)
    throw InputError("schedule: " + std::to_string(steps_per_epoch)
                     + " steps an epoch, at least 1 is needed");
  return [=, epochs = std::move(epochs)](std::int64_t step) {
    return epochs ? epochs((step - 1) / steps_per_epoch + 1) : 1.0;
  };
}

} // namespace raphson::optim
