// Learning a clone from two recordings, in the background: what `raphson match DRY WET` does, on a thread of
// its own. The window starts it, looks at its state now and then, and takes the result. No JUCE here.
#pragma once

#include "dsp/model/model.h"
#include "optim/match/match.h"

#include <atomic>
#include <filesystem>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace raphson::plugin {

/// The loudest part of the recordings, as aligned, for listening; all of one length.
struct Excerpt {
  double sample_rate = 0;
  std::vector<std::vector<float>> dry, wet, clone, difference; ///< by channel; difference: clone - wet
};

struct LearnResult {
  dsp::Model model; ///< keep it by Processor::adopt_model, write it by dsp::write_model
  optim::match::MatchResult match;
  std::vector<std::string> warnings;
  Excerpt excerpt;
};

class LearnJob {
public:
  enum class State { idle, running, done, failed, cancelled };

  struct Progress {
    std::string phase; ///< "read", "resample", "align", "start", "fit", "finish", "listen"
    double fraction = 0;
    int iteration = 0;
    double esr = 0;                ///< so far; infinite before the first fit
    std::vector<double> esr_trace; ///< of each iteration so far
  };

  ~LearnJob(); ///< cancels

  /// Ends a job that is running. threads 0 leaves one core to the audio.
  void start(const std::filesystem::path& dry, const std::filesystem::path& wet,
             optim::match::MatchOptions options = {});
  /// Asks it to end; soon its state is `cancelled`.
  void cancel();
  void wait(); ///< until it has ended

  State state() const { return state_.load(std::memory_order_acquire); }
  Progress progress() const;
  std::string error() const;                         ///< of `failed`, one line as the command line has it
  std::shared_ptr<const LearnResult> result() const; ///< of `done`, else nothing

private:
  void run(const std::filesystem::path& dry, const std::filesystem::path& wet,
           optim::match::MatchOptions options);
  LearnResult learn(const std::filesystem::path& dry, const std::filesystem::path& wet,
                    const optim::match::MatchOptions& options);
  void show(const std::string& phase, double fraction);

  std::thread thread_;
  std::atomic<State> state_{State::idle};
  std::atomic<bool> cancel_{false};
  mutable std::mutex mutex_; ///< of what follows; never the audio thread's
  Progress progress_;
  std::string error_;
  std::shared_ptr<const LearnResult> result_;
};

} // namespace raphson::plugin
