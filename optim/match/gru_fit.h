// Trains the network that corrects a fitted compressor's gain (dsp/dynamics/gru_gain.h) on what the fit
// leaves.
//
// L-BFGS on all of the training chunks at once (gru_objective.h). Every fifth chunk is not trained on: it
// decides when to stop and which iterate is kept, of which the first is the chain without a network; so the
// network that is returned never does worse than none on what it has not been trained on.
#pragma once

#include "dsp/chain/chain.h"
#include "optim/engine/types.h"
#include "optim/match/gru_objective.h"
#include "optim/match/pair.h"

#include <cstdint>
#include <functional>
#include <optional>

namespace raphson::optim::match {

struct GruFitOptions {
  int units = 16;
  std::uint64_t seed = 0;
  double seconds = 60; ///< of training at most; the best so far is kept
  int maximum_iterations = 2000;
  int patience = 100;         ///< iterations without a gain on the validation chunks
  double weight_decay = 1e-5; ///< times the squared norm of the weights, on top of the training ESR
  bool pre_emphasis = true;
  std::size_t threads = 1;
  std::function<Control(int iteration, double esr)> observer = {}; ///< cancel keeps the best so far
};

struct GruFit {
  std::optional<dsp::GruWeights> weights; ///< none where no network does better than none
  /// Of the pre-emphasised recordings, without and with the network.
  double training_esr_before, training_esr, validation_esr_before, validation_esr;
  int iterations = 0, best_iteration = 0;
  double seconds = 0;
};

/// Throws InputError for a chain without a compressor, with something behind it that is not linear, or for a
/// recording with fewer than five chunks (0.9 s).
GruFit fit_gru(const Pair& pair, const dsp::ChainSettings& chain, const GruFitOptions& options);

/// The chain with the network behind its compressor, in place of one that is there.
dsp::ChainSettings with_network(const dsp::ChainSettings& chain, const dsp::GruWeights& weights);

} // namespace raphson::optim::match
