// One run of match(): its options, clock, progress and count of evaluations, shared by the stages below it.
#pragma once

#include "optim/engine/levenberg_marquardt.h"
#include "optim/engine/newton.h"
#include "optim/engine/stopwatch.h"
#include "optim/match/compressor_objective.h"
#include "optim/match/match.h"

#include <atomic>
#include <mutex>

namespace raphson::optim::match {

class MatchRun {
public:
  /// Keeps references to both.
  MatchRun(const MatchOptions& options, const MatchObserver& observer);

  const MatchOptions& options() const { return options_; }
  std::size_t threads() const { return threads_; }
  double seconds() const;
  int evaluations() const { return evaluations_; }
  bool cancelled() const { return cancelled_; }
  Ranks& ranks() const { return *options_.ranks; }

  /// The bar shows the largest fraction so far. For the thread that runs the match, at the same places on
  /// every rank.
  void report(const char* phase, double fraction, int iteration, double esr);

  /// Chunks warm up for at least as long as a release of release_ms needs to forget.
  ObjectiveOptions objective_options(std::size_t threads, double release_ms) const;
  /// For objectives that side_by_side() evaluates: one thread, no other rank.
  ObjectiveOptions own_objective_options(double release_ms) const;
  NewtonOptions newton_options() const;
  LevenbergMarquardtOptions levenberg_marquardt_options() const;

  void count(const Result& result);

  /// Solvers from several starts side by side, spread over threads and ranks: solve(i, observer) each. The
  /// results lack gradient and Hessian. The best one's steps join the trace.
  struct Attempt {
    Result result;
    std::vector<IterationRecord> steps;
  };
  using Solve = std::function<Result(std::size_t, const Observer&)>;
  std::vector<Attempt> side_by_side(std::size_t count, const Solve& solve);
  static const Attempt& best(const std::vector<Attempt>& attempts); ///< the first of those of least value

  /// From here on the options' `keep` is told what can be resumed: this now, then each step of a fit that
  /// says by ChainAt which chain it is.
  void begin_to_keep(const MatchState& state);
  using ChainAt = std::function<dsp::ChainSettings(const Vector& x)>;

  /// Minimises while the bar moves from `from` towards `to`; the steps join the trace unless told otherwise.
  template <class Objective, class Options>
  Result fit(const Objective& objective, const Vector& start, const Options& solver, double from, double to,
             bool traced = true, const ChainAt& chain_at = {}) {
    Result result = minimise(objective, start, solver, observe(from, to, traced, chain_at));
    count(result);
    return result;
  }

  /// The steps of the way to the fit, in order: those of the best start, then of the fits from where it
  /// ended.
  const std::vector<IterationRecord>& trace() const { return trace_; }
  void record(double esr, double gradient_norm, double step_length, double seconds);

  /// What the search of "auto" tried so far, and which of it won.
  std::vector<AutoCandidate>& candidates() { return candidates_; }

private:
  Observer observe(double from, double to, bool traced, const ChainAt& chain_at);
  Observer interruptible(std::vector<IterationRecord>& steps);
  bool wish_to_cancel(const char* phase, int iteration, double esr);
  void keep(const dsp::ChainSettings& chain);

  const MatchOptions& options_;
  const MatchObserver& observer_;
  Stopwatch stopwatch_;
  std::size_t threads_;
  double fraction_ = 0;
  std::atomic<int> evaluations_ = 0;
  std::vector<IterationRecord> trace_;
  std::vector<AutoCandidate> candidates_;
  std::atomic<bool> cancelled_ = false;
  bool wished_ = false; ///< to be cancelled, by this rank's observer
  std::optional<Alignment> kept_alignment_;
  double kept_seconds_ = 0;
  std::mutex mutex_;
};

} // namespace raphson::optim::match
