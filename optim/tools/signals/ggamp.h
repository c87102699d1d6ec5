// The E-step of sparse Bayesian learning by generalised approximate message passing with a Gaussian prior
// (GGAMP): the posterior mean of x_n ~ N(0, gamma_n) given y = A x + e, e ~ N(0, sigma^2), by damped sweeps
// of four products with A and S = A o A and their transposes each. At a fixed point x is the posterior mean
// exactly; tau_x, its variances, are approximations that are right for large dense A.
//
// For the T columns of Y the rows of X may follow each other, x_n(t) = beta x_n(t-1) + sqrt(1 - beta^2) v
// with v ~ N(0, gamma_n): messages then pass along t, forward (eta, psi) and backward (vartheta, phi), within
// each sweep (GGAMP-TSBL). M. Al-Shoukairi, P. Schniter, B. D. Rao, IEEE Trans. Signal Processing 66 (2018).
#pragma once

#include "optim/engine/linear_operator.h"

namespace raphson::optim::tools {

/// Damping theta that makes the means converge: 0.95 times the largest in (0, 1] with
///   2 [(2 - theta) N + theta M] / (theta^2 M N) > |A|_2^2 / |A|_F^2 * coupling
/// (S. Rangan, P. Schniter, A. K. Fletcher, ISIT 2014), coupling the largest eigenvalue of beta^|i-j|.
struct Damping {
  double theta = 1;
  double peak_to_average = 0; // |A|_2^2 / |A|_F^2
  double coupling = 1;
};
Damping safe_damping(double peak_to_average, double rows, double columns, double coupling = 1);

/// The largest eigenvalue of the T x T matrix beta^|i-j|.
double column_coupling(Eigen::Index columns, double beta);

class Ggamp {
public:
  /// Keeps references. A column of A that is zero leaves its x at 0. Throws InputError where rows of A and y
  /// differ or beta is not in [0, 1).
  Ggamp(const LinearOperator& a, const Matrix& y, double beta = 0);

  /// x = 0, s = 0, tau_x = gamma.
  void start(const Vector& gamma);
  /// Output side, then input side; |change of X|^2. State is carried on from call to call.
  double sweep(const Vector& gamma, double noise, double theta);

  const Matrix& x() const { return x_; }
  const Matrix& tau_x() const { return tau_x_; }
  bool is_zero(Eigen::Index column) const { return zero_[static_cast<std::size_t>(column)]; }

  /// |Y - A X|^2, at the price of one product that the next sweep need not make again.
  double squared_residual();
  /// sum_nt tau_x / tau_r = sum (1 - tau_x / gamma) for uncorrelated columns: how many coefficients the
  /// measurements determine.
  double degrees_of_freedom() const { return (tau_x_.array() * inverse_tau_r_.array()).sum(); }
  /// The M-step: argmax_gamma of the expected log prior.
  Vector expected_gamma() const;

  double multiplications() const { return static_cast<double>(products_) * a_.multiplications(); }
  Eigen::Index rows() const { return a_.rows(); }
  int sweeps() const { return sweeps_; }

private:
  void output_side(double noise, double theta);
  void pass_forward(const Vector& gamma);
  void pass_backward(const Vector& gamma);

  const LinearOperator& a_;
  const Matrix& y_;
  double beta_;
  std::vector<bool> zero_;
  Matrix x_, tau_x_, s_, tau_s_;
  Matrix ax_; // A x, where it is known
  bool ax_known_ = false, started_ = false;
  Matrix inverse_tau_r_, r_over_tau_r_;    // 1 / tau_r, r / tau_r
  Matrix inverse_psi_, eta_over_psi_;      // from the past
  Matrix inverse_phi_, vartheta_over_phi_; // from the future
  Matrix lag_;                             // beta v / psi: times tau_x, the covariance of x(t) and x(t-1)
  long products_ = 0;                      // with one column each
  int sweeps_ = 0;
};

} // namespace raphson::optim::tools
