#include "optim/tools/signals/ggamp.h"

#include "dsp/error.h"
#include "optim/engine/symmetric_eigen.h"

#include <cmath>

namespace raphson::optim::tools {

Damping safe_damping(double peak_to_average, double rows, double columns, double coupling) {
  const auto converges = [&](double theta) {
    return 2 * ((2 - theta) * columns + theta * rows) / (theta * theta * rows * columns)
           > peak_to_average * coupling;
  };
  double low = 0, high = 1;
  if (converges(1)) low = 1;
  while (high - low > 1e-9) (converges(0.5 * (low + high)) ? low : high) = 0.5 * (low + high);
  return {0.95 * low, peak_to_average, coupling};
}

double column_coupling(Eigen::Index columns, double beta) {
  Matrix c(columns, columns);
  for (Eigen::Index i = 0; i < columns; ++i)
    for (Eigen::Index j = 0; j < columns; ++j) c(i, j) = std::pow(beta, static_cast<double>(std::abs(i - j)));
  return dominant_eigenvalue([&](const Vector& v) -> Vector { return c * v; }, columns,
                             {.maximum_iterations = 1000, .tolerance = 1e-10});
}

Ggamp::Ggamp(const LinearOperator& a, const Matrix& y, double beta) : a_(a), y_(y), beta_(beta) {
  if (a.rows() != y.rows())
    throw InputError("A has " + std::to_string(a.rows()) + " rows and y " + std::to_string(y.rows())
                     + ", there must be as many of each");
  if (!(beta >= 0 && beta < 1)) throw InputError("beta " + std::to_string(beta) + " is not in [0, 1)");
  for (const double energy : a.column_energies()) zero_.push_back(!(energy > 0));
}

void Ggamp::start(const Vector& gamma) {
  x_.setZero(a_.cols(), y_.cols());
  tau_x_ = gamma.replicate(1, y_.cols());
  s_.setZero(a_.rows(), y_.cols());
  tau_s_ = s_;
  ax_ = s_;
  ax_known_ = true;
  started_ = false;
  for (Matrix* m : {&eta_over_psi_, &inverse_phi_, &vartheta_over_phi_, &lag_})
    m->setZero(x_.rows(), x_.cols());
  inverse_psi_ = tau_x_.cwiseInverse();
}

// With 1 / tau_p = S tau_x: s <- (1 - theta) s + theta (p / tau_p - y) / (sigma^2 + 1 / tau_p), where
// p / tau_p = s / tau_p + A x. s is the negative scaled residual.
void Ggamp::output_side(double noise, double theta) {
  Matrix inverse_tau_p;
  if (ax_known_) {
    Matrix nothing;
    a_.apply_both(Matrix(x_.rows(), 0), tau_x_, nothing, inverse_tau_p);
    products_ += tau_x_.cols();
  } else {
    a_.apply_both(x_, tau_x_, ax_, inverse_tau_p);
    products_ += 2 * tau_x_.cols();
  }
  const auto precision = inverse_tau_p.array().max(0); // a transform's rounding may leave it below
  const double keep = started_ ? 1 - theta : 0;
  const double give = started_ ? theta : 1; // tau_s has no former value at first
  s_ = (1 - theta) * s_.array()
       + theta * (s_.array() * precision + ax_.array() - y_.array()) / (noise + precision);
  tau_s_ = keep * tau_s_.array() + give / (noise + precision);
  started_ = true;
}

void Ggamp::pass_forward(const Vector& gamma) {
  inverse_psi_.col(0) = gamma.cwiseInverse();
  eta_over_psi_.col(0).setZero();
  for (Eigen::Index t = 1; t < x_.cols(); ++t) {
    const Eigen::ArrayXd v = (inverse_tau_r_.col(t - 1).array() + inverse_psi_.col(t - 1).array()).inverse();
    const Eigen::ArrayXd psi = beta_ * beta_ * v + (1 - beta_ * beta_) * gamma.array();
    inverse_psi_.col(t) = psi.inverse();
    lag_.col(t) = beta_ * v / psi;
    eta_over_psi_.col(t) =
        lag_.col(t).array() * (r_over_tau_r_.col(t - 1).array() + eta_over_psi_.col(t - 1).array());
  }
}

// phi = (1 / J + (1 - beta^2) gamma) / beta^2 and vartheta = m / beta, as precisions, so that neither beta =
// 0 nor J = 0 divides by zero.
void Ggamp::pass_backward(const Vector& gamma) {
  for (Eigen::Index t = x_.cols() - 2; t >= 0; --t) {
    const Eigen::ArrayXd j = inverse_tau_r_.col(t + 1).array() + inverse_phi_.col(t + 1).array();
    const Eigen::ArrayXd per = beta_ / (1 + j * (1 - beta_ * beta_) * gamma.array());
    inverse_phi_.col(t) = beta_ * j * per;
    vartheta_over_phi_.col(t) =
        per * (r_over_tau_r_.col(t + 1).array() + vartheta_over_phi_.col(t + 1).array());
  }
}

double Ggamp::sweep(const Vector& gamma, double noise, double theta) {
  ++sweeps_;
  output_side(noise, theta);
  Matrix ats;
  a_.apply_both_transposed(s_, tau_s_, ats, inverse_tau_r_);
  products_ += 2 * s_.cols();
  inverse_tau_r_ = inverse_tau_r_.cwiseMax(0);
  r_over_tau_r_ = x_.cwiseProduct(inverse_tau_r_) - ats; // r = x - tau_r A^T s
  for (Eigen::Index n = 0; n < x_.rows(); ++n)
    if (is_zero(n)) {
      inverse_tau_r_.row(n).setZero();
      r_over_tau_r_.row(n).setZero();
    }
  pass_forward(gamma);
  if (beta_ > 0) pass_backward(gamma);
  tau_x_ = (inverse_tau_r_ + inverse_psi_ + inverse_phi_).cwiseInverse();
  const Matrix step = theta * (tau_x_.cwiseProduct(r_over_tau_r_ + eta_over_psi_ + vartheta_over_phi_) - x_);
  x_ += step;
  ax_known_ = false;
  return step.squaredNorm();
}

double Ggamp::squared_residual() {
  if (!ax_known_) {
    ax_ = a_.apply(x_);
    products_ += x_.cols();
    ax_known_ = true;
  }
  return (y_ - ax_).squaredNorm();
}

// (1/T) [ E x(1)^2 + sum_t>1 E (x(t) - beta x(t-1))^2 / (1 - beta^2) ]
Vector Ggamp::expected_gamma() const {
  const Matrix second = x_.cwiseAbs2() + tau_x_;
  Vector sum = second.col(0);
  for (Eigen::Index t = 1; t < x_.cols(); ++t)
    sum.array() +=
        (second.col(t).array() + beta_ * beta_ * second.col(t - 1).array()
         - 2 * beta_
               * (x_.col(t).array() * x_.col(t - 1).array() + tau_x_.col(t).array() * lag_.col(t).array()))
        / (1 - beta_ * beta_);
  return sum / static_cast<double>(x_.cols());
}

} // namespace raphson::optim::tools
