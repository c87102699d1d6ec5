// What came back from a unit, cut into pairs of dry and wet recordings: one a take, in time with each other
// to a small fraction of a sample, at one clock's speed, the right way up.
//
//   Splitter splitter(plan, played, returned, {});   // finds the marks; refuses what cannot be split
//   for (std::size_t take : splitter.takes()) { TakePair pair = splitter.cut(take); ... }
#pragma once

#include "optim/capture/clock.h"
#include "optim/capture/noise_floor.h"
#include "optim/capture/plan.h"
#include "optim/data/audio_file.h"
#include "optim/data/clipping.h"

#include <functional>
#include <string>
#include <vector>

namespace raphson::optim::capture {

struct SplitOptions {
  /// Of the recording, from 0, one for each of the plan; empty: all of them.
  std::vector<std::size_t> channels = {};
  bool partial = false; ///< cut the takes that are whole where others are not
};

struct Recording {
  data::Audio audio;
  std::string file; ///< its name, for messages
};

/// What is said of one channel of one take.
struct TakeChannel {
  std::size_t recorded_channel = 0; ///< from 0
  double delay_samples = 0;         ///< of the recording behind the played file at the take's begin mark
  bool inverted = false;
  double mark_gain_db = 0; ///< recorded over played, mean of the take's marks
  double mark_snr_db = 0;  ///< the worst of the take's marks
  double peak_dbfs = 0;
  std::size_t clipped_samples = 0;
  double clipping_dbfs = 0; ///< where: full scale, or the peak that the recording lies flat at
  NoiseFloor noise;
  /// In dB, what of this channel's own mark is in each other of the chosen channels = {}; of a plan of one
  /// channel, what of its marks is in the recording's other channels.
  struct Crosstalk {
    std::size_t recorded_channel;
    double db;
  };
  std::vector<Crosstalk> crosstalk;
};

struct TakePair {
  std::size_t take = 0; ///< from 0
  data::Audio dry, wet; ///< of one length, at the plan's rate
  std::vector<TakeChannel> channels;
  std::vector<std::string> warnings; ///< in plain words, without the take's number
};

class Splitter {
public:
  /// `progress` is told a phase and how far it is, 0 to 1; it may throw to end the work.
  using Progress = std::function<void(const char* phase, double fraction)>;

  /// Throws InputError, one line naming the file and what is wrong: not the file that the plan was written
  /// with, another number of channels, no marks, marks of another plan, a recording that is cut short.
  Splitter(Plan plan, Recording played, Recording returned, SplitOptions options = {},
           const Progress& progress = {});

  const Plan& plan() const { return plan_; }
  const std::vector<std::size_t>& takes() const { return takes_; } ///< those that are whole
  const std::vector<std::string>& warnings() const { return warnings_; }
  /// Of the recorder against the player, the mean of the channels.
  double drift_ppm() const;
  /// By channel, as played.
  const std::vector<Timing>& timings() const { return timings_; }
  std::size_t recorded_channel(std::size_t channel) const { return options_.channels[channel]; }

  TakePair cut(std::size_t take) const;

private:
  void check_played() const;
  void choose_channels();
  void bring_to_rate();
  void find_takes();
  void warn_of_uneven_clock();
  std::span<const float> recorded(std::size_t channel) const {
    return returned_.audio.channels[options_.channels[channel]];
  }
  std::vector<float> cut_channel(std::size_t channel, std::size_t take) const;
  TakeChannel measure(std::size_t channel, std::size_t take, std::span<const float> wet) const;
  void measure_crosstalk(std::size_t channel, std::size_t take, TakeChannel& out) const;
  void warn_of(const TakeChannel& c, std::vector<std::string>& warnings) const;

  Plan plan_;
  Recording played_, returned_;
  SplitOptions options_;
  double recorded_rate_ = 0; ///< before it was brought to the plan's
  struct Clipping {
    float level;
    std::vector<data::ClippedRun> runs; ///< at the recorded rate
  };
  std::vector<Clipping> clipped_; ///< by recorded channel
  std::vector<Timing> timings_;
  std::vector<std::size_t> takes_;
  std::vector<std::string> warnings_;
};

} // namespace raphson::optim::capture
