// Which stretches of the recording shaped a fit: how far each parameter would move if one were left out.
//
// With L = sum of the stretches' losses L_b, gradients g_b and Hessians H_b at the fit z, where sum g_b = 0,
// the minimum of L - L_b lies, to second order of the loss, at
//   z + (H - H_b)^-1 g_b.
// This is what an attribution by unrolled training comes to for a run that has converged
// (source_attribution.h of the tools: one segment, a long time), with the row's own curvature left out as
// well, which a first-order influence keeps. A step is cut to one unit of z, where the sigmoids of the ranges
// bend.
#pragma once

#include "dsp/chain/chain.h"
#include "optim/engine/types.h"
#include "optim/match/match.h"
#include "optim/match/pair.h"

#include <vector>

namespace raphson::optim::match {

struct AttributedStretch {
  double begin_seconds, end_seconds; ///< in the dry recording
  double loss_share;                 ///< of the pre-emphasised error
  Vector shift;                      ///< of each fitted parameter without it, in the parameter's unit
  double pull; ///< root mean square of the shifts over their standard errors, of those determined
};

/// One for each of the stretches (stretches.h), in order. `fitted` are the parameters of the match, which
/// give the scale. The exact Hessian of the compressor, the Gauss-Newton matrix of any other chain.
std::vector<AttributedStretch> attribute(const Pair& pair, const dsp::ChainSettings& chain,
                                         const std::vector<ParameterEstimate>& fitted,
                                         const MatchOptions& options);

} // namespace raphson::optim::match
