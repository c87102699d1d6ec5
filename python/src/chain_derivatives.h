// The output of a chain sample by sample with its derivatives by some of its parameters, by the chain itself
// run on Jets.
#pragma once

#include "dsp/chain/chain.h"

#include <cstddef>
#include <span>
#include <vector>

namespace raphson::python {

/// Where results go: value[t], jacobian[i * stride + t], hessian[(i * parameters + j) * stride + t].
struct ChainDerivatives {
  double* value;
  double* jacobian;
  double* hessian; ///< null: not wanted
  std::size_t stride;
};

/// Parameters that a Hessian is taken by together. A Jacobian may be by any number.
inline constexpr std::size_t most_hessian_parameters = 5;

/// Writes from `offset` on. free: indices into the chain's values. Throws InputError where a Hessian is
/// wanted by more than most_hessian_parameters.
void differentiate_chain(const dsp::ChainSettings& chain, std::span<const std::size_t> free,
                         std::span<const double> audio, double sample_rate, const ChainDerivatives& out,
                         std::size_t offset);

} // namespace raphson::python
