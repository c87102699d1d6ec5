// The Renyi divergence of normal laws, R_q(P || Q) = log E_Q[(dP/dQ)^q] / (q - 1), q > 0, q != 1. With
// S = (1 - q) Sigma_P + q Sigma_Q and d = mean_P - mean_Q it is
//
//   (q/2) d^T S^-1 d - log(|S| / (|Sigma_P|^(1-q) |Sigma_Q|^q)) / (2 (q - 1)),
//
// infinite where S is not positive definite (M. Gil, F. Alajaji & T. Linder, Information Sciences 249, 2013).
#pragma once

#include "optim/engine/types.h"

namespace raphson::optim {

struct NormalLaw {
  Vector mean;
  Matrix covariance; // positive definite
};

/// Throws InputError for an order that has none or a covariance that is not positive definite.
double gaussian_renyi(double order, const NormalLaw& p, const NormalLaw& q);

/// Of laws with the covariance variance * I, whose means are `distance` apart: q distance^2 / (2 variance).
inline double gaussian_renyi(double order, double distance, double variance) {
  return order * distance * distance / (2 * variance);
}

} // namespace raphson::optim
