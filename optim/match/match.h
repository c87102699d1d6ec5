// Sound matching: the parameters of a chain that turn a dry recording into its wet one, by Newton's method.
//
// After Yu & Fazekas (AES AIMLA 2025), with what real recordings need added: the pair is aligned (delay to a
// fraction of a sample, polarity), a coarse grid finds where to start, damped Newton with the exact Hessian
// runs from the best few starts on a part of the recording and finishes on all of it, and the Hessian says
// which parameters the recording determines.
#pragma once

#include "dsp/chain/chain.h"
#include "optim/data/audio_file.h"
#include "optim/engine/ranks.h"
#include "optim/engine/types.h"
#include "optim/match/align.h"
#include "optim/match/unaligned_pair.h"

#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace raphson::optim::match {

/// What the loss compares: the model's output with the wet recording, or, as `inverse` in the published code,
/// the dry recording with the wet one divided by the model's gain.
enum class Mode { forward, inverse };

/// How far a match has come: enough to go on from, with any number of ranks.
struct MatchState {
  dsp::ChainSettings chain;
  Alignment alignment;
};

struct MatchOptions {
  std::string model = "compressor"; ///< as dsp::parse_chain reads it, or "auto" (auto_search.h)
  Mode mode = Mode::forward;
  std::optional<dsp::ChainSettings> start; ///< instead of the search for starts
  std::optional<double> delay_samples;     ///< instead of the estimate
  bool pre_emphasis = true;
  ChunkOptions chunks;
  int starts = 3; ///< Newton runs from this many of the best grid points
  /// "newton", or for comparison a first-order rule of the engine (rule_named), on the paper's compressor.
  std::string solver = "newton";
  /// Of a first-order rule: 0.05 unless given, since parameters lie within a few units; 0.001 of m-fac, whose
  /// steps are in units of the loss.
  std::optional<double> learning_rate;
  int maximum_iterations = 100;
  bool held_out = true;             ///< fit the first half and score the second, too
  std::size_t threads = 0;          ///< 0: as many as the machine has
  Ranks* ranks = &one_rank();       ///< that share the work, each with the same recordings and options
  std::optional<MatchState> resume; ///< instead of alignment and search
  std::function<void(const MatchState&)> keep; ///< told what to resume from, at most once a second
};

/// Progress for a bar or a plot; returning cancel ends the match with the best so far.
struct MatchProgress {
  const char* phase; ///< "align", "start", "fit", "finish"
  double fraction;   ///< of the whole match, 0 to 1, never falling
  int iteration;
  double esr; ///< of the pre-emphasised recordings; infinite before the first fit
};
using MatchObserver = std::function<Control(const MatchProgress&)>;

struct ParameterEstimate {
  std::string name, label, unit;
  double value;
  double standard_error; ///< in the parameter's unit; infinite where the recording does not determine it
  bool determined;
  std::string note; ///< why not, if so
};

struct IterationRecord {
  int iteration;
  double esr, gradient_norm, step_length, seconds;
};

/// What the search of "auto" tried.
struct AutoCandidate {
  std::string stage; ///< "structure", "feature" ...
  std::string model; ///< as dsp::parse_chain reads it
  std::size_t parameters;
  double fitted_error, held_out_error; ///< of the pre-emphasised excerpt: what was fitted, what was not
  double seconds;
  std::string verdict; ///< why it was chosen, empty where it was not
};

/// Whether the fit holds for what it has not heard. Where one half is louder than the other, the fit on the
/// quiet one has to guess how the unit treats the loud one: then the two directions differ.
struct HeldOut {
  double fitted_half_esr, other_half_esr; ///< fitted on the first half: scored there, on the second
  double second_fitted_half_esr,
      second_other_half_esr; ///< fitted on the second half: scored there, on the first
  dsp::ChainSettings first_chain = {}, second_chain = {}; ///< fitted on the first half, on the second
};

struct MatchResult {
  dsp::ChainSettings chain;
  std::vector<ParameterEstimate> parameters; ///< the fitted ones
  Alignment alignment;
  std::size_t scored_begin, scored_end; ///< the frames of the dry recording that were compared
  double esr_before; ///< of the dry recording at the gain that fits best: what no compressor at all leaves
  double esr;        ///< of the whole aligned clip, not pre-emphasised
  std::optional<HeldOut> held_out;
  double deepest_gain_reduction_db; ///< by the fit, on the recording
  StopReason stop_reason;
  bool converged;
  int iterations;  ///< of the trace
  int evaluations; ///< passes over the recording or its part
  double seconds;
  std::vector<IterationRecord>
      trace; ///< from the best start on; its first steps are on part of a long recording
  std::vector<AutoCandidate> candidates; ///< of "auto", in the order in which they were tried
  std::vector<std::string> warnings;
};

/// Throws InputError, one line, for recordings that cannot be matched: different rates, too short, silent,
/// unrelated. The wet recording's channels pair up with the dry one's; a mono one on either side serves all.
/// Beyond the recordings it takes the same memory however long they are: with std::move(wet) that is all.
MatchResult match(const data::Audio& dry, data::Audio wet, const MatchOptions& options = {},
                  const MatchObserver& observer = {});

/// The same on the caller's own wet recording, which it leaves aligned (align_in_place): with it,
/// pair_of(dry, wet, result.scored_begin, result.scored_end) is what the result was fitted on. Where it
/// throws, wet may be aligned or not.
MatchResult match_in_place(const data::Audio& dry, data::Audio& wet, const MatchOptions& options = {},
                           const MatchObserver& observer = {});

/// ESR of a chain's output against the wet recording over the scored samples.
double chain_esr(const Pair& pair, const dsp::ChainSettings& chain, std::size_t threads);

} // namespace raphson::optim::match
