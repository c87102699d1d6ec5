// The experiment of forget-unlearning: digits 3 against 8; an adaptive attack on retraining and on noisy
// gradient descent, a curator's hidden state, what the certificate costs, and the certificate against known
// laws.
#pragma once

#include "optim/tools/demo.h"
#include "optim/tools/solvers/forget_unlearning.h"

namespace raphson::optim::tools {

report::ToolReport forget_unlearning_demo(const DemoOptions& options);

/// 3 (-1) against 8 (1), pooled to 7 x 7, on 19 principal axes of the other digits and a constant 0.5, of
/// length 1 at most.
struct DeletionDigits {
  SlottedRows training;
  data::RowMatrix test;
  Vector test_target;
};
DeletionDigits deletion_digits(std::uint64_t seed, int slots);

/// The share of trials in which the second model names the coin: whether the target's label had been turned
/// in the first. Whoever sees the first model picks the rows that are deleted with the target accordingly.
struct AdaptiveAttack {
  double retraining = 0, noisy = 0;
};
AdaptiveAttack adaptive_attack(const SlottedRows& rows, const DeletionPlan& plan, int trials,
                               std::uint64_t seed, std::size_t threads = 1);

/// The share of trials in which the mean over releases 1 ... m tells which of two neighbouring tables it
/// began with, [m - 1]. A curator with a hidden state adds fresh noise to the same minimiser each time; noisy
/// descent goes on from each release, the row that differed being gone after the first. One release is as
/// private for both: R_2 = renyi.
struct HiddenStateAttack {
  std::vector<double> hidden, noisy;
};
HiddenStateAttack hidden_state_attack(double renyi, int releases, int trials, std::uint64_t seed);

/// What is known of `mean`: theta_K ~ N(m_K, v I), m_{k+1} = (1 - eta lambda) m_k + eta mean(x).
struct KnownAnswer {
  int steps = 0;
  double exact_dp = 0, bound_dp = 0;         // R_q of two neighbouring tables
  double exact_dd = 0, bound_dd = 0;         // after as many deletion steps
  double mean_error = 0, variance_error = 0; // of `runs` runs, in standard errors
};
KnownAnswer known_answer(int steps, int runs, std::uint64_t seed);

} // namespace raphson::optim::tools
