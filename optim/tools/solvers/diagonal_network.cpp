#include "optim/tools/solvers/diagonal_network.h"

#include "dsp/error.h"

#include <Eigen/QR>

#include <cmath>

namespace raphson::optim::tools {

using Eigen::Index;

DiagonalNetwork::DiagonalNetwork(Matrix x, Vector y) : x_(std::move(x)), y_(std::move(y)) {
  if (x_.rows() < 1 || x_.cols() < 1 || x_.rows() != y_.size())
    throw InputError("diagonal network: " + std::to_string(x_.rows()) + " rows of "
                     + std::to_string(x_.cols()) + " columns and " + std::to_string(y_.size()) + " targets");
}

Vector DiagonalNetwork::coefficients(const Vector& theta) const {
  return theta.head(columns()).cwiseAbs2() - theta.tail(columns()).cwiseAbs2();
}

Vector DiagonalNetwork::slope(const Vector& beta) const {
  return x_.transpose() * (x_ * beta - y_) / static_cast<double>(y_.size());
}

double DiagonalNetwork::value_and_gradient(const Vector& theta, Vector& gradient) const {
  const auto n = static_cast<double>(y_.size());
  const Vector error = x_ * coefficients(theta) - y_, r = x_.transpose() * error / n;
  gradient.resize(theta.size());
  gradient.head(columns()) = theta.head(columns()).cwiseProduct(r);
  gradient.tail(columns()) = -theta.tail(columns()).cwiseProduct(r);
  return error.squaredNorm() / (4 * n);
}

Vector DiagonalNetwork::hessian_product(const Vector& theta, const Vector& v) const {
  const auto plus = theta.head(columns()).array(), minus = theta.tail(columns()).array();
  const auto v_plus = v.head(columns()).array(), v_minus = v.tail(columns()).array();
  const Vector beta_v = 2 * (plus * v_plus - minus * v_minus);
  const auto r = slope(coefficients(theta)).array().eval();
  const auto r_v = (x_.transpose() * (x_ * beta_v) / static_cast<double>(y_.size())).array().eval();
  Vector product(theta.size());
  product.head(columns()) = v_plus * r + plus * r_v;
  product.tail(columns()) = -v_minus * r - minus * r_v;
  return product;
}

namespace {

/// r' where the second gradient is taken.
Vector second_slope(const DiagonalNetwork& network, const Vector& theta, const Vector& r,
                    const GradientRegularisation& o) {
  if (o.mode == GradientDifference::double_backprop) return r;
  const double epsilon = o.mode == GradientDifference::forward ? o.epsilon : -o.epsilon;
  const Vector plus = theta.head(network.columns()).array() * (1 + epsilon * r.array()),
               minus = theta.tail(network.columns()).array() * (1 - epsilon * r.array());
  return network.slope(plus.cwiseAbs2() - minus.cwiseAbs2());
}

} // namespace

DiagonalRun train_diagonal(const DiagonalNetwork& network, double alpha, const GradientRegularisation& o,
                           double eta, int steps, const std::function<void(int)>& progress) {
  if (!(alpha > 0) || !(eta > 0)) throw InputError("diagonal network: start and step must be above 0");
  const auto objective = regularised(network, o);
  DiagonalRun run{.theta = network.start(alpha), .alpha = {}, .predicted_alpha = {}};
  Vector gradient, sum = Vector::Zero(network.columns());
  for (int t = 1; t <= steps; ++t) {
    const double loss = objective.value_and_gradient(run.theta, gradient);
    if (!std::isfinite(loss) || !gradient.allFinite()) break;
    run.loss = loss;
    if (o.gamma > 0) {
      const Vector r = network.slope(network.coefficients(run.theta));
      sum += eta * r.cwiseProduct(second_slope(network, run.theta, r, o));
    }
    run.theta -= eta * gradient;
    run.steps = t;
    if (progress && t % std::max(1, steps / 200) == 0) progress(t);
  }
  const auto plus = run.theta.head(network.columns()).array(),
             minus = run.theta.tail(network.columns()).array();
  run.alpha = (plus * minus).abs().sqrt();
  run.predicted_alpha = alpha * (-o.gamma * sum.array()).exp();
  return run;
}

double outside_row_space(const DiagonalNetwork& network, const Vector& theta) {
  const Vector z = (theta.head(network.columns()).array() / theta.tail(network.columns()).array()).log();
  const Eigen::ColPivHouseholderQR<Matrix> qr(network.x().transpose());
  const Matrix basis = qr.householderQ() * Matrix::Identity(network.columns(), qr.rank());
  return (z - basis * (basis.transpose() * z)).norm() / z.norm();
}

} // namespace raphson::optim::tools
