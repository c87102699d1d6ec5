// Deletion of training rows with a certificate: training and deletion of a convex model are the same noisy
// gradient descent, and a deletion starts from the published model, for nothing else is kept. R. Chourasia,
// N. Shah, "Forget Unlearning: Towards True Data-Deletion in Machine Learning", ICML 2023, arXiv 2210.08911.
//
// n slots hold a row or nothing; n never changes, so that an empty slot leaves the other gradients as they
// are. Objective (1/n) sum over the slots of l(theta; x_i) + (lambda/2) |theta|^2, each l convex, beta-smooth
// and 1-Lipschitz for |x| <= 1:
//   logistic  log(1 + exp(-t <x, theta>)), t = -1 or 1              beta = 1/4
//   huber     h(<x, theta> - t), h' = clip to [-1, 1]               beta = 1
//   mean      -<x, theta>, minimal at (1/n) sum x_i / lambda        beta = 0
// K steps of  theta <- theta - eta gradient + sqrt(2 eta) sigma xi,  eta = 1/(2 (beta + lambda)).
//   learn   from theta_0 ~ N(0, sigma^2 / (lambda (1 - eta lambda/2)) I), the variance that the steps keep
//   delete  from the published theta, on the rows without the deleted ones
// Renyi differential privacy of order q for one replaced row (section 5 of the paper; r rows: r^2 times that)
//   eps_dp(K) = (4 q / (lambda sigma^2 n^2)) (1 - exp(-lambda eta K/2)),   sigma^2 = 4 q / (lambda eps_dp
//   n^2)
// and of the model after a deletion against one that never saw the rows
//   eps_dd = r^2 eps_dp exp(-2 lambda eta (1 - eta lambda/2) K / q),
// since each step maps both laws by the same (1 - eta lambda)-contraction, and the Gaussian step shrinks
// their divergence by the log-Sobolev inequality. The paper's own K_delete has other constants of the same
// order. Who chose the rows after seeing p published models: eps_dd + p eps_dp (the paper's reduction to
// adaptive requests).
#pragma once

#include "optim/data/dataset.h"

#include <cstdint>
#include <span>
#include <vector>

namespace raphson::optim::tools {

enum class DeletionLoss { logistic, huber, mean };

const char* to_string(DeletionLoss loss);

struct SlottedRows {
  data::RowMatrix rows;       // |row| <= 1; an empty slot is all 0
  Vector target;              // -1 or 1, a number, or empty for `mean`
  std::vector<bool> occupied; // one a slot

  SlottedRows(data::RowMatrix all_rows, Vector all_targets);
  Eigen::Index slots() const { return rows.rows(); }
  /// Throws InputError where it is empty already. Slots count from 0; the message from 1.
  void clear(std::size_t slot);
};

/// Scales each row that is longer than 1 to length 1; how many they were.
int clip_to_unit_norm(data::RowMatrix& rows);

struct DeletionOptions {
  DeletionLoss loss = DeletionLoss::logistic;
  double order = 2; // q > 1
  double epsilon_dp = 0.5;
  double epsilon_dd = 0.05;
  int max_edit = 10; // r, rows of one request at most
  double lambda = 0.02;
};

/// Everything that the certificate is made of.
struct DeletionPlan {
  DeletionOptions options;
  Eigen::Index slots = 0, parameters = 0;
  double eta = 0, sigma_squared = 0;
  int learn_steps = 0;

  double variance() const; // of theta_0, and of every theta under `mean`
  double epsilon_dp(int steps) const;
  int delete_steps(int rows) const; // K_delete, at least 0
  double epsilon_dd(int rows, int steps) const;
};

/// Throws InputError for epsilon <= 0, q <= 1, lambda <= 0, and where sigma^2 >= 1: rows have length 1 at
/// most, and the noise would drown them.
DeletionPlan plan_deletion(const DeletionOptions& options, Eigen::Index slots, Eigen::Index parameters);

/// eps + p eps_dp for one who has seen p models.
inline double adaptive_epsilon(double epsilon_dd, double epsilon_dp, int models_seen) {
  return epsilon_dd + models_seen * epsilon_dp;
}

/// The epsilon of (epsilon, delta)-indistinguishability that order q of R gives: R + log(1/delta) / (q - 1).
double approximate_epsilon(double renyi, double order, double delta);

/// At most so often does one who sees the model name rightly which of two equally likely tables it is from:
/// 1/2 + 1/2 sqrt(R/2) (Pinsker), and 1 at most.
double guessing_bound(double renyi);

/// K steps of noisy gradient descent; sigma = 0 in the plan leaves plain descent.
Vector noisy_descent(const SlottedRows& rows, const DeletionPlan& plan, Vector theta, int steps,
                     std::uint64_t seed);

Vector learn_deletable(const SlottedRows& rows, const DeletionPlan& plan, std::uint64_t seed);

/// The next model, after these slots have been emptied; `rows` is the table without them already.
Vector delete_rows(const SlottedRows& rows, const DeletionPlan& plan, const Vector& published, int deleted,
                   std::uint64_t seed);

/// The objective for the engine's solvers: value, gradient, Hessian.
class DeletionObjective {
public:
  DeletionObjective(const SlottedRows& rows, DeletionLoss loss, double lambda)
      : rows_(rows), loss_(loss), lambda_(lambda) {}

  double value(const Vector& theta) const;
  double value_and_gradient(const Vector& theta, Vector& gradient) const;
  double value_gradient_and_hessian(const Vector& theta, Vector& gradient, Matrix& hessian) const;
  void gradient(const Vector& theta, Vector& result) const;

private:
  const SlottedRows& rows_;
  DeletionLoss loss_;
  double lambda_;
};

/// Without any noise: what retraining would give.
Vector exact_minimiser(const SlottedRows& rows, DeletionLoss loss, double lambda);

/// How often somebody who knows all rows but one and sees the model alone tells whether row `slot` was in it,
/// over `runs` trainings with and as many without. They compare the model along the line between the two
/// tables' noise-free models, at its middle.
double audit_deletion(const SlottedRows& rows, const DeletionPlan& plan, std::size_t slot, int runs,
                      std::uint64_t seed, std::size_t threads);

} // namespace raphson::optim::tools
