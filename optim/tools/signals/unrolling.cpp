#include "optim/tools/signals/unrolling.h"

#include "dsp/error.h"
#include "optim/engine/random.h"
#include "optim/engine/symmetric_eigen.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace raphson::optim::tools {
namespace {

void soft_threshold(RowMatrix& z, double theta) {
  if (theta > 0) z = (z.array() - z.array().max(-theta).min(theta)).matrix();
}

} // namespace

RowMatrix support_of(const RowMatrix& a) { return (a.transpose().array() != 0).cast<double>().matrix(); }

RowMatrix solve(const Unrolled& network, const RowMatrix& a, const RowMatrix& y,
                const std::function<void(const RowMatrix&)>& layer) {
  RowMatrix x = RowMatrix::Zero(y.rows(), a.cols()), residual = y;
  for (std::size_t k = 0; k < network.layers(); ++k) {
    if (k > 0) residual.noalias() = y - x * a.transpose();
    x.noalias() += residual * network.w[k].transpose();
    soft_threshold(x, network.theta[k]);
    if (layer) layer(x);
  }
  return x;
}

double nmse_db(const RowMatrix& estimate, const RowMatrix& x) {
  return 10 * std::log10((estimate - x).squaredNorm() / x.squaredNorm());
}

std::vector<double> nmse_by_layer(const Unrolled& network, const RowMatrix& a, const RowMatrix& y,
                                  const RowMatrix& x) {
  std::vector<double> errors;
  solve(network, a, y, [&](const RowMatrix& estimate) { errors.push_back(nmse_db(estimate, x)); });
  return errors;
}

double spectral_norm(const RowMatrix& a) {
  // Products with A and its transpose, many of them: eigenvalues near the largest slow the iteration down.
  return std::sqrt(
      dominant_eigenvalue([&](const Vector& v) -> Vector { return a.transpose() * (a * v).eval(); }, a.cols(),
                          {.maximum_iterations = 20000, .tolerance = 1e-12}));
}

Unrolled classic_iteration(const RowMatrix& a, std::size_t layers, double theta) {
  const double norm = spectral_norm(a);
  return {std::vector<RowMatrix>(layers, a.transpose() / (norm * norm)), std::vector<double>(layers, theta)};
}

Unrolled tuned_classic_iteration(const RowMatrix& a, const RowMatrix& y, const RowMatrix& x,
                                 std::size_t layers, Prior prior) {
  Unrolled network = classic_iteration(a, layers, 0);
  if (prior == Prior::none) return network;
  const double unit = std::sqrt(x.squaredNorm() / static_cast<double>(x.size()));
  double least = std::numeric_limits<double>::infinity(), best = 0;
  for (double theta = 1e-4 * unit; theta < 2 * unit; theta *= 1.15) {
    network.theta.assign(layers, theta);
    const double error = nmse_db(solve(network, a, y), x);
    if (error >= least) continue;
    least = error;
    best = theta;
  }
  network.theta.assign(layers, best);
  return network;
}

RowMatrix observe(const RowMatrix& a, const RowMatrix& x, double noise_db, std::uint64_t seed) {
  RowMatrix y = x * a.transpose();
  const double noise =
      std::sqrt(y.squaredNorm() / static_cast<double>(y.size())) * std::pow(10.0, -noise_db / 20);
  if (!(noise > 0)) return y;
  RandomStream random(seed, "observation noise");
  for (Eigen::Index i = 0; i < y.size(); ++i) y.data()[i] += noise * random.normal();
  return y;
}

void check_operator(const RowMatrix& a, const std::string& name) {
  for (Eigen::Index i = 0; i < a.size(); ++i)
    if (!std::isfinite(a.data()[i]))
      throw InputError(name + ": row " + std::to_string(i / a.cols() + 1) + ", column "
                       + std::to_string(i % a.cols() + 1) + " is not finite");
  for (Eigen::Index j = 0; j < a.cols(); ++j)
    if ((a.col(j).array() == 0).all())
      throw InputError(name + ": column " + std::to_string(j + 1)
                       + " is empty, so that this unknown is never observed; leave it out");
}

} // namespace raphson::optim::tools
