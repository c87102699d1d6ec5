// What the paper of SOAP states of it (engine/soap.h has the solver), as errors to look at.
#pragma once

#include "optim/engine/types.h"

#include <cstdint>

namespace raphson::optim::tools {

/// Shampoo of power 1/2, sqrt(tr L) L^(-1/2) G R^(-1/2), against factorised Adafactor in the eigenbasis of L
/// and R, rotated back, on a set of 6 x 9 gradients: relative difference.
double shampoo_is_adafactor_error(std::uint64_t seed);

/// One gradient of full rank twice, 6 x 6: the second step against alpha U S^T of G = U Sigma S^T, relative.
double polar_step_error(std::uint64_t seed);

struct RotationErrors {
  double soap = 0, soap_each_step = 0; ///< refresh 10 and 1
  double adam = 0;
};

/// 3 x 3 multi-output regression, 100 full-batch steps from zero, on X and on X rotated: the largest
/// difference of a loss.
RotationErrors rotation_errors(std::uint64_t seed);

/// SOAP with max_precond_dim = 0 against Adam one call later: the largest difference of a parameter.
double delayed_adam_error(std::uint64_t seed);

} // namespace raphson::optim::tools
