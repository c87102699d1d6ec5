// Forgetting of training rows by one step of incremental learning: J. Liu, C. Wu, D. Lian, E. Chen,
// "Efficient Machine Unlearning via Influence Approximation", arXiv 2507.23257 (IAU).
//
// 1. Training minimises l_B + alpha sum_j |dl_B / dtheta_j| over weight matrices and biases j, by the exact
//    gradient (engine/gradient_regularisation.h): single rows are then not hard to undo.
// 2. Removing a row moves the optimum as adding one with the opposite gradient would, and learning that row
// is
//    a gradient step. With F forgotten and R remaining, both gradients at the trained theta*,
//      g = c (1/n_R) sum_R grad l - (1/n_F) sum_F grad l,     c = 1 (0: plain ascent, which forgets too much)
//      theta = theta* - eta g                       (sgd)
//      theta = theta* - eta g / (|g| + 1e-8)        (adam: its first step from zero moments)
// 3. eta is given, or the smallest at which the mean loss on F is at least a goal.
#pragma once

#include "optim/nn/objective.h"
#include "optim/nn/retraining.h"

#include <cstdint>
#include <functional>
#include <optional>

namespace raphson::optim::tools {

struct RestrictedTraining {
  double alpha = 0.005;
  double learning_rate = 1e-3; ///< of Adam
  std::size_t batch_size = 64;
  int epochs = 200;
  int patience = 10;      ///< epochs without a lower validation loss that end it, where there are such rows
  std::uint64_t seed = 1; ///< of the batches' order
};

struct RestrictedRun {
  Vector parameters; ///< the last, or with validation rows the best
  int epochs = 0;
};

/// Of a perceptron, on `rows` of the dataset. Throws InputError for alpha < 0, no rows, and where the loss
/// stops being finite.
RestrictedRun train_restricted(const nn::RowModel& model, const nn::RowNumbers& rows,
                               const nn::RowNumbers& validation, const Vector& start,
                               const RestrictedTraining& options,
                               const std::function<void(int epoch)>& progress = {});

enum class UnlearningStep { sgd, adam };

struct InfluenceOptions {
  UnlearningStep step = UnlearningStep::adam;
  double rate = 1e-3;               ///< eta, where there is no goal
  double correction = 1;            ///< c
  std::optional<double> until = {}; ///< the mean loss on F
};

struct InfluenceForgetting {
  Vector theta;
  Vector g;
  double eta = 0;
  double loss_before = 0, loss_after = 0; ///< means on F
  bool reached = true;                    ///< the goal, if there is one
  std::size_t gradient_rows = 0;          ///< rows that a gradient was taken of: n_F + n_R
  int searches = 0;                       ///< forward passes over F alone
};

/// Steps 2 and 3. F empty: nothing happens. Throws InputError where R is empty, a row is in both, or the
/// options are out of range. `reached` is false where the goal is not reached at eta = 100 or g is 0.
InfluenceForgetting forget_by_influence(const nn::NetworkObjective<double>& objective, const Vector& theta,
                                        nn::Examples forgotten, nn::Examples remaining,
                                        const InfluenceOptions& options);

/// What theta - eta d moves along for a gradient g: itself, or that of Adam's first step.
Vector step_direction(const Vector& g, UnlearningStep step);

/// What IAU approximates: theta + (1/n) (H + damping I)^-1 sum_F grad l, H the Gauss-Newton matrix over all n
/// rows, by conjugate gradients.
struct InfluenceFunction {
  Vector theta;
  int products = 0; ///< each over all rows
};
InfluenceFunction influence_function(const nn::Mlp& mlp, const Vector& theta, const data::Dataset& dataset,
                                     const nn::RowNumbers& rows, const nn::RowNumbers& forgotten,
                                     double damping);

} // namespace raphson::optim::tools
