// Step-size schedules: the factor on the learning rate in step t = 1, 2, ...; an empty one is constant.
//
//   FirstOrderOptions{.schedule = cosine(300, 30)}
//   by_epoch(cosine(60), batches.batches_per_epoch())
#pragma once

#include <cstdint>
#include <functional>

namespace raphson::optim {

using Schedule = std::function<double(std::int64_t step)>;

/// 1 / sqrt(t).
Schedule inverse_square_root();

/// Rises linearly, t / warm_up, over the first warm_up steps, then falls as half a cosine: step t has
/// (1 + cos(pi (t - 1 - warm_up) / (steps - warm_up))) / 2, 1 at first and almost 0 at t = steps, 0 from then
/// on. Throws InputError unless 0 <= warm_up < steps.
Schedule cosine(std::int64_t steps, std::int64_t warm_up = 0);

/// The schedule's value for epoch 1, 2, ... in all steps of that epoch.
Schedule by_epoch(Schedule epochs, std::int64_t steps_per_epoch);

} // namespace raphson::optim
