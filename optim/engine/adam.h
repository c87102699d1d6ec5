// Adam with the options that are most often wanted: adam_rule.h has the update, first_order.h the loop and
// all else (schedules, projection, averaging, decay, the other first-order rules). Minibatches come from the
// stream "adam minibatches" of the seed.
#pragma once

#include "optim/engine/erased_objective.h"

#include <cstdint>

namespace raphson::optim {

struct AdamOptions {
  int maximum_iterations = 10000;
  double learning_rate = 1e-3; // the paper's alpha
  double beta1 = 0.9;
  double beta2 = 0.999;
  double epsilon = 1e-8;
  double gradient_tolerance = 1e-8; // absolute, on the Euclidean norm; full batch only
  std::size_t batch_size = 0;       // 0: full batch
  std::uint64_t seed = 0;
};

namespace detail {
Result adam(const ErasedObjective& f, const Vector& start, const AdamOptions& options,
            const Observer& observer);
}

// Throws InputError if batch_size asks for minibatches and the objective has none, or the other way round.
template <class F>
requires HasGradient<F> || HasMinibatch<F> Result minimise(const F& objective, const Vector& start,
                                                           const AdamOptions& options,
                                                           const Observer& observer = {}) {
  return detail::adam(ErasedObjective(objective), start, options, observer);
}

} // namespace raphson::optim
