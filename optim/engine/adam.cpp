#include "optim/engine/adam.h"

#include "optim/engine/first_order.h"

namespace raphson::optim::detail {

Result adam(const ErasedObjective& f, const Vector& start, const AdamOptions& o, const Observer& observer) {
  return first_order(f, start,
                     {.rule = AdamSettings{.learning_rate = o.learning_rate,
                                           .beta1 = o.beta1,
                                           .beta2 = o.beta2,
                                           .epsilon = o.epsilon},
                      .maximum_iterations = o.maximum_iterations,
                      .gradient_tolerance = o.gradient_tolerance,
                      .batch_size = o.batch_size,
                      .seed = o.seed,
                      .stream = "adam minibatches"},
                     observer);
}

} // namespace raphson::optim::detail
