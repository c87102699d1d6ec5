// Forgetting of fine-tuning rows in closed form. G. Li, H. Hsu, C.-F. Chen, R. Marculescu, "Fast-NTK:
// Parameter-Efficient Unlearning for Large-Scale Models", CVPR workshops 2024, arXiv 2312.14923; after A.
// Golatkar et al., ECCV 2020.
//
// A network f(x; w) in R^C, of which only w in R^p is trained, from w_0 to w_D, on N rows D = R u F:
//   min (1/N) sum 1/2 |f(x; w) - y|^2 + (lambda/2) |w - w_0|^2,   y one-hot.
// 1. Jacobian J (N C x p) at a point, w_0 or w_D, and residuals r = Y - f + J (point - w_0), so that the
//    linear model is f(w_0) + J (w - w_0).
// 2. What training of the linear model would give, as deviations from w_0:
//      a_D = J^T (J J^T + lambda N I)^-1 r,   a_R = J_R^T (J_R J_R^T + lambda n_R I)^-1 r_R.
// 3. w = w_D + (a_R - a_D).
// Under cross-entropy r has y - softmax in place of y - f: the linear model is then an approximation even
// where f is linear.
#pragma once

#include "optim/engine/ridge.h"
#include "optim/tools/solvers/fast_ntk_network.h"

namespace raphson::optim::tools {

enum class TuningLoss { squares, cross_entropy };

struct TuningOptions {
  Trainable trainable = Trainable::norm_and_head;
  TuningLoss loss = TuningLoss::squares;
  double lambda = 1e-3;
  double learning_rate = 1e-2; ///< of Adam, on all rows
  int steps = 400;
};

/// Rows with their classes, and which of them are meant.
struct TuningRows {
  const data::RowMatrix& features;
  std::span<const int> labels;
  std::span<const std::size_t> rows;
};

/// From net.parameters towards the optimum near `origin`, the trained part of w_0. `after` sees the trained
/// part after each step and may end the run by returning false.
Vector tune(const NormalisedNet& net, const Vector& origin, const TuningRows& data,
            const TuningOptions& options, const std::function<bool(int step, const Vector& w)>& after = {});

/// The mean of the tuning loss over rows, without the ridge.
double tuning_loss(const NormalisedNet& net, const TuningRows& data, TuningLoss loss);

/// f(w_0) + J (w - w_0) against Y: [row * C + output].
struct LinearModel {
  data::RowMatrix jacobian = {};
  Vector residual = {};
  Index outputs = 1;

  Index rows() const { return jacobian.rows() / outputs; }
};

/// `point` is the trained part of where to linearise. Throws InputError where the Jacobian does not fit into
/// half of the memory.
LinearModel linear_model(const NormalisedNet& net, const Vector& origin, const Vector& point,
                         const TuningRows& data, const TuningOptions& options);

struct RidgeDeviations {
  Vector all, retained; ///< a_D, a_R
  RidgeSide side = RidgeSide::parameters;
};

/// lambda_all and lambda_retained stand for lambda N and lambda n_R. Throws InputError for lambda <= 0 where
/// p < N C, for rows that are not there or come twice, and where nothing is retained.
RidgeDeviations ridge_deviations(const LinearModel& model, std::span<const std::size_t> forgotten,
                                 double lambda_all, double lambda_retained,
                                 RidgeSide side = RidgeSide::automatic);

/// a_R - a_D with one ridge Lambda on both, as - P J_F^T M v with
///   P = I - J_R^T (K_RR + Lambda)^-1 J_R,  M = (K_FF + Lambda - K_FR (K_RR + Lambda)^-1 K_RF)^-1,
///   v = r_F - K_FR (K_RR + Lambda)^-1 r_R,  K_ab = J_a J_b^T.
Vector forgetting_by_kernels(const LinearModel& model, std::span<const std::size_t> forgotten, double lambda);

/// 1 + 2 |cos(delta, e)| |e| / |delta|, e = w_D - w_0 - a_R: the step of the code of 2020. 1 where delta is
/// 0.
double trapezium_scale(const Vector& delta, const Vector& e);

enum class LinearisationPoint { start, trained };

struct ForgettingOptions {
  LinearisationPoint point = LinearisationPoint::start;
  bool trapezium = false;
  RidgeSide side = RidgeSide::automatic;
};

struct Forgetting {
  Vector w;     ///< the trained part
  Vector delta; ///< a_R - a_D
  double scale = 1;
  RidgeSide side = RidgeSide::parameters;
  double jacobian_seconds = 0, solve_seconds = 0;
};

/// Steps 1 to 3 on a tuned network; origin is the trained part of w_0. rows of `data` are D; `forgotten`
/// counts within them. No step of an optimiser.
Forgetting fast_ntk_forget(const NormalisedNet& tuned, const Vector& origin, const TuningRows& data,
                           std::span<const std::size_t> forgotten, const TuningOptions& tuning,
                           const ForgettingOptions& options = {});

/// 0 ... count - 1 without these.
std::vector<std::size_t> rows_without(std::size_t count, std::span<const std::size_t> left_out);

/// The same network with this as its trained part.
NormalisedNet with_trained(const NormalisedNet& net, Trainable trainable, const Vector& w);

} // namespace raphson::optim::tools
