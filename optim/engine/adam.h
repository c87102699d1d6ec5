// Adam: steps from exponential means of the gradient and of its square, corrected for their start at zero,
//   m <- b1 m + (1 - b1) g,  v <- b2 v + (1 - b2) g^2,
//   x <- x - learning_rate * (m / (1 - b1^t)) / (sqrt(v / (1 - b2^t)) + epsilon).
// A coordinate whose gradient has always been zero stays, also with epsilon = 0.
// D. P. Kingma & J. Ba, "Adam: a method for stochastic optimization", ICLR 2015, algorithm 1.
//
// Full batch: an iteration is an evaluation of the whole gradient and a step. Minibatches (batch_size > 0,
// for objectives with HasMinibatch): an iteration is a step on one batch; each epoch visits every example
// once in a fresh order from the stream "adam minibatches" of the seed, the last batch being the shorter. The
// observer sees the value and gradient of the next batch at x; the Result has those of all examples together,
// one evaluation more. x is the last iterate, as in the paper, though an earlier one may have been better.
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
