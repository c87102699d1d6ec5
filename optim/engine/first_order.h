// The loop around every first-order update rule: full batch or minibatches, a schedule, a projection,
// averaging of the iterates, the observer.
//
//   Result r = minimise(objective, start,
//                       FirstOrderOptions{.rule = SoapSettings{.refresh = 10}, .batch_size = 250, .epochs =
//                       4,
//                                         .schedule = cosine(300, 30), .blocks = blocks},
//                       observer);
//
// Full batch: an iteration is an evaluation of the whole gradient and a step. Minibatches (batch_size > 0,
// for objectives with HasMinibatch): an iteration is a step on one batch (batches.h). The observer sees
// the value and gradient of the next batch at x; the Result has those of all examples together, one
// evaluation more. x is the last iterate, though an earlier one may have been better. A derivative that is
// not finite ends the run before the step to where it is; Result::detail names that step and the parameters.
#pragma once

#include "optim/engine/adagrad.h"
#include "optim/engine/adam_rule.h"
#include "optim/engine/adamax.h"
#include "optim/engine/erased_objective.h"
#include "optim/engine/langevin.h"
#include "optim/engine/m_fac.h"
#include "optim/engine/schedule.h"
#include "optim/engine/sgd.h"
#include "optim/engine/shampoo.h"
#include "optim/engine/soap.h"

#include <memory>
#include <variant>

namespace raphson::optim {

using RuleSettings = std::variant<SgdSettings, AdaGradSettings, RmsPropSettings, AdamSettings, AdaMaxSettings,
                                  SoapSettings, ShampooSettings, MFacSettings, LangevinSettings>;

/// Throws InputError where a setting is out of its range.
template <class Scalar>
std::unique_ptr<UpdateRule<Scalar>> make_rule(const RuleSettings& settings, const ParameterBlocks& blocks);

/// "sgd", "momentum", "nesterov", "adagrad", "rmsprop", "adam", "adamax", "soap", "shampoo", "m-fac",
/// "langevin".
const char* name_of(const RuleSettings& settings);

/// The settings under one of these names, with the defaults. Throws InputError that lists the names.
RuleSettings rule_named(std::string_view name);

double learning_rate_of(const RuleSettings& settings);
RuleSettings with_learning_rate(RuleSettings settings, double learning_rate);

struct FirstOrderOptions {
  RuleSettings rule = AdamSettings{};
  int maximum_iterations = 10000;
  double gradient_tolerance = 1e-8; // absolute, on the Euclidean norm; full batch only, and without noise
  std::size_t batch_size = 0;       // 0: full batch
  int epochs = 0;                   // above 0: of minibatches, in place of maximum_iterations
  std::uint64_t seed = 0;
  const char* stream = "batches";               // of the seed
  Schedule schedule = {};                       // constant
  double averaging = 0;                         // decay b of mean <- b mean + (1 - b) x, which x then is,
                                                // over 1 - b^t; 0: the last iterate
  std::function<void(Vector&)> projection = {}; // onto the feasible set, after each step
  ParameterBlocks blocks = {};                  // empty: one_block
};

namespace detail {
Result first_order(const ErasedObjective& f, const Vector& start, UpdateRule<double>& rule,
                   const FirstOrderOptions& options, const Observer& observer);
Result first_order(const ErasedObjective& f, const Vector& start, const FirstOrderOptions& options,
                   const Observer& observer);
} // namespace detail

// Throws InputError if batch_size asks for minibatches and the objective has none, or the other way round.
template <class F>
requires HasGradient<F> || HasMinibatch<F> Result minimise(const F& objective, const Vector& start,
                                                           const FirstOrderOptions& options,
                                                           const Observer& observer = {}) {
  return detail::first_order(ErasedObjective(objective), start, options, observer);
}

/// With a rule of one's own, or one that goes on from an earlier run, in place of options.rule.
template <class F>
requires HasGradient<F> || HasMinibatch<F> Result minimise(const F& objective, const Vector& start,
                                                           UpdateRule<double>& rule,
                                                           const FirstOrderOptions& options,
                                                           const Observer& observer = {}) {
  return detail::first_order(ErasedObjective(objective), start, rule, options, observer);
}

} // namespace raphson::optim
