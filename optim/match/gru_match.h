// The network behind a finished match: trained on the whole recording, and on each half to see what it makes
// of the other. It joins the chain only where it does better than none
//
//   on the chunks that its own training leaves out (gru_fit.h),
//   on the whole clip without pre-emphasis, and
//   on neither half worse, each played by what was trained on the other, the compressor refitted there too.
#pragma once

#include "optim/match/gru_fit.h"
#include "optim/match/match.h"

#include <string>

namespace raphson::optim::match {

struct NetworkResult {
  bool kept = false;
  std::string reason = {}; ///< why not, for people
  int units = 0;
  std::size_t weights = 0; ///< their number
  int iterations = 0, best_iteration = 0;
  double seconds = 0;                                         ///< all trainings together
  double esr_before = 0, esr = 0;                             ///< of the whole clip, not pre-emphasised
  double validation_esr_before = 0, validation_esr = 0;       ///< of the chunks left out, pre-emphasised
  std::optional<HeldOut> held_out_before = {}, held_out = {}; ///< without and with, where the match had it
};

/// Adds the network to the result's chain, its ESR and its held-out figures, or leaves all of it as it is.
/// options.seconds are for all trainings together. Throws as fit_gru.
NetworkResult add_network(Pair& pair, MatchResult& result, const GruFitOptions& options);

} // namespace raphson::optim::match
