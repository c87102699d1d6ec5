#include "optim/engine/min_norm.h"

#include "dsp/error.h"

#include <Eigen/QR>

#include <algorithm>
#include <string>
#include <vector>

namespace raphson::optim {
namespace {

using Active = std::vector<Eigen::Index>;

// The least norm in the affine hull of the active vectors: (G + 1 1^T) u = 1, c = u / sum u, which has one
// solution while they are affinely independent.
Vector affine_minimiser(const Matrix& gram, const Active& active, double scale) {
  Matrix system = gram(active, active) / scale;
  system.array() += 1;
  const Vector u = system.colPivHouseholderQr().solve(Vector::Ones(std::ssize(active)));
  return u / u.sum();
}

// Towards the affine minimiser until a weight vanishes; vectors without weight leave. True once it is
// reached.
bool move_inwards(Active& active, Vector& weights, const Vector& goal) {
  constexpr double tiny = 1e-14;
  if (goal.minCoeff() > tiny) {
    weights = goal;
    return true;
  }
  double step = 1;
  for (Eigen::Index i = 0; i < goal.size(); ++i) {
    if (goal[i] <= tiny) step = std::min(step, weights[i] / (weights[i] - goal[i]));
  }
  weights += step * (goal - weights);
  Active still;
  std::vector<double> kept;
  for (Eigen::Index i = 0; i < goal.size(); ++i) {
    if (weights[i] <= tiny) continue;
    still.push_back(active[static_cast<std::size_t>(i)]);
    kept.push_back(weights[i]);
  }
  active = still;
  weights = Eigen::Map<const Vector>(kept.data(), std::ssize(kept));
  weights /= weights.sum();
  return false;
}

} // namespace

MinNormPoint min_norm_point(const Matrix& gram) {
  const Eigen::Index n = gram.rows();
  if (n == 0 || gram.cols() != n || !gram.allFinite()) {
    throw InputError("min-norm point: a Gram matrix of " + std::to_string(n) + " x "
                     + std::to_string(gram.cols())
                     + "; it must be square, of one vector at least, and finite");
  }
  Eigen::Index shortest = 0;
  gram.diagonal().minCoeff(&shortest);
  const double scale = std::max(gram.diagonal().maxCoeff(), 1e-300);
  Active active{shortest};
  Vector weights = Vector::Ones(1);
  MinNormPoint point{Vector::Zero(n), 0};
  for (Eigen::Index step = 0; step < 100 * n; ++step) {
    point.weights.setZero();
    point.weights(active) = weights;
    const Vector products = gram * point.weights; // <x, g_j>
    point.squared_norm = std::max(0.0, point.weights.dot(products));
    Eigen::Index entering = 0;
    const double least = products.minCoeff(&entering);
    const bool there = std::find(active.begin(), active.end(), entering) != active.end();
    if (there || least >= point.squared_norm - 1e-14 * scale) break;
    active.push_back(entering);
    weights.conservativeResize(std::ssize(active));
    weights[weights.size() - 1] = 0;
    while (!move_inwards(active, weights, affine_minimiser(gram, active, scale))) {
    }
  }
  return point;
}

} // namespace raphson::optim
