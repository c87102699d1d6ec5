// Divergences between Gaussian laws in closed form.
#pragma once

#include "optim/engine/types.h"

namespace raphson::optim {

struct Gaussian {
  Vector mean = {};
  Matrix covariance = {};
};

/// Mean and covariance (over n - 1) of the rows; at least two. Throws InputError where there are fewer.
Gaussian gaussian_of_rows(const Eigen::Ref<const Matrix>& rows);

/// Renyi divergence of two Gaussians with the same covariance variance * I, their means that far apart:
/// order * distance^2 / (2 * variance).
double gaussian_renyi(double order, double distance, double variance);

/// R_q(p || r) = q/2 delta^T S_q^-1 delta - 1 / (2 (q - 1)) log(|S_q| / (|S_p|^(1 - q) |S_r|^q)) with
/// S_q = q S_r + (1 - q) S_p; infinite where S_q is not positive definite; order 1 is Kullback and Leibler's.
/// Throws InputError unless the order is above 0, sizes agree, and both covariances are positive definite. M.
/// Gil, F. Alajaji & T. Linder, Information Sciences 249 (2013).
double gaussian_renyi(double order, const Gaussian& p, const Gaussian& r);

/// Frechet's (2-Wasserstein) distance, squared: |m_p - m_r|^2 + tr(S_p + S_r - 2 (S_p^1/2 S_r S_p^1/2)^1/2).
/// Covariances may be singular. D. Dowson & B. Landau, J. Multivariate Analysis 12 (1982).
double gaussian_frechet(const Gaussian& p, const Gaussian& r);

} // namespace raphson::optim
