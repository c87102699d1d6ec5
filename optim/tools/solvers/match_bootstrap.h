// Bootstrap errors of a sound match, by the free-lunch bootstrap (free_lunch_bootstrap.h): what a row is to a
// table, a stretch of the recording is to a match, the same stretch of all channels together.
//
// Stretches are those of optim/match/stretches.h. The run is in the unconstrained coordinates behind the
// sigmoids of the ranges: intervals never leave a range.
#pragma once

#include "dsp/chain/chain.h"
#include "optim/match/pair.h"
#include "optim/tools/solvers/free_lunch_bootstrap.h"

#include <cstddef>
#include <string>
#include <vector>

namespace raphson::optim::tools {

struct MatchBootstrapOptions {
  int draws = 2000;
  double gamma = 0.3;
  /// A step draws so many times as many stretches as there are, which the scale of the draws takes back. A
  /// resample no larger than the recording often lacks the few loud stretches that the parameters hang on: of
  /// the LA-2A's four seconds one in four has a Hessian that is not positive definite, of eight times as many
  /// one in fifty, of 32 times none in 200; and from such a step a loss this far from quadratic does not
  /// return.
  int times_over = 64;
  double level = 0.95;
  bool pre_emphasis = true; ///< as the match had it
  std::uint64_t seed = 1;
  std::size_t threads = 1;
  std::function<void(int done, int all)> progress = {}; ///< may throw to stop
};

struct MatchBootstrap {
  FreeLunchResult result; ///< in physical units; one unit a stretch
  std::vector<std::string> names, labels, units;
  double stretch_seconds = 0;
};

/// Where the scored part of the pair has been fitted by the chain. Throws InputError for any chain but
/// "compressor", whose exact Hessian is fast enough for thousands of evaluations.
MatchBootstrap bootstrap_match(const match::Pair& pair, const dsp::ChainSettings& chain,
                               const MatchBootstrapOptions& options);

} // namespace raphson::optim::tools
